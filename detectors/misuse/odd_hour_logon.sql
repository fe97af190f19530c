-- /// detector
-- title = "Logged on or unlocked at an hour when this person is never there"
-- level = "informational"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.pr009"]
-- lookback = "0d"
-- says = """\
-- {user_id} logged on or unlocked at {first_at}, at an hour improbable for \
-- this person"""
-- description = """
-- Not the office's hours but the person's own: each hour's odds come from the hours of
-- the months before, a little of the role's and of everybody's. Who works by night is
-- odd at noon. Alone it says little; beside other findings of the day it says when.
-- """
-- falsepositives = ["an early flight, a deadline, a change of shift"]
-- blindspots = [
--   "a session that was left open and not locked",
--   "an hour that the person has been training for weeks",
--   "people in their first days, as long as their role has no hours either",
-- ]
-- triage = """
-- Was the person in the building, or connected from outside, and from where? What was
-- opened in the hour after? Alone it needs no answer.
-- """
-- ///

WITH logons AS (
    SELECT
        user_id,
        day,
        hour(local_ts) AS at_hour,
        min(local_ts) AS first_at,
        array_agg(event ORDER BY ts, event) AS events
    FROM access
    WHERE
        action IN ('logon', 'unlock')
        AND outcome <> 'failure'
        AND NOT automated
        -- A drive that is mapped, or a task that runs, is nobody's coming.
        AND coalesce(
            lower(logon_type) IN (
                '2',
                '7',
                '10',
                '11',
                '13',
                'interactive',
                'unlock',
                'remoteinteractive',
                'cachedinteractive',
                'console'
            ),
            TRUE
        )
    GROUP BY user_id, day, hour(local_ts)
)

SELECT
    logons.user_id,
    logons.day,
    logons.first_at,
    user_hour.surprise,
    logons.events
FROM logons
INNER JOIN user_hour
    ON
        logons.user_id = user_hour.user_id
        AND logons.day = user_hour.day
        AND logons.at_hour = user_hour.hour
        -- equivalent: an hour is as odd in one log as in the other; once is enough
        AND user_hour.source = 'access'
WHERE user_hour.surprise >= knob('min_surprise', 2)  -- one hour in a hundred
-- Of several such hours the first: the rest of a night is the same night.
QUALIFY
    row_number() OVER (
        PARTITION BY logons.user_id, logons.day
        ORDER BY logons.first_at
    ) = 1;

-- /// fires: three in the morning by someone who comes at eight
-- access:
--   user_id | action | local_ts         | workdays | logon_type | automated
--   ana     | logon  | 2026-01-05 08:00 |       60 |            | false
--   ana     | view   | 2026-01-05 12:00 |       60 |            | false
--   ana     | view   | 2026-01-05 16:00 |       60 |            | false
--   ana     | view   | 2026-03-27 23:02 |          |            | false
--   ana     | logon  | 2026-03-27 23:03 |          |            | true
--   ana     | logon  | 2026-03-27 23:04 |          | 3          | false
--   ana     | unlock | 2026-03-27 23:10 |          |            | false
--   ana     | unlock | 2026-03-28 03:00 |          |            | false
-- expect:
--   user_id | day        | first_at
--   ana     | 2026-03-27 | 2026-03-27 23:10
-- ///

-- /// fires: a cached unlock, and a console's logon, by those who come at eight
-- access:
--   user_id | action | local_ts         | logon_type | workdays
--   ana     | logon  | 2026-01-05 08:00 | 2          |       60
--   ana     | view   | 2026-01-05 12:00 |            |       60
--   ana     | view   | 2026-01-05 16:00 |            |       60
--   bo      | logon  | 2026-01-05 08:00 | 2          |       60
--   bo      | view   | 2026-01-05 12:00 |            |       60
--   bo      | view   | 2026-01-05 16:00 |            |       60
--   ana     | unlock | 2026-03-27 23:10 | 13         |
--   bo      | logon  | 2026-03-27 23:10 | Console    |
-- expect:
--   user_id | day
--   ana     | 2026-03-27
--   bo      | 2026-03-27
-- ///

-- /// fires: noon by someone who works by night
-- access:
--   user_id | action | local_ts         | logon_type  | workdays
--   guard   | logon  | 2026-01-05 22:00 | 2           |       60
--   guard   | view   | 2026-01-06 01:00 |             |       60
--   guard   | view   | 2026-01-06 04:00 |             |       60
--   guard   | logon  | 2026-03-26 12:00 | Interactive |        1
-- expect:
--   user_id | day        | first_at
--   guard   | 2026-03-26 | 2026-03-26 12:00
-- ///

-- /// silent: a night guard at three in the morning
-- access:
--   user_id | action | local_ts         | workdays
--   guard   | logon  | 2026-01-05 22:00 |       60
--   guard   | unlock | 2026-01-06 03:00 |       60
-- ///

-- /// silent: an hour earlier than usual
-- access:
--   user_id | action | local_ts         | workdays
--   bo      | logon  | 2026-01-05 08:00 |       60
--   bo      | view   | 2026-01-05 12:00 |       60
--   bo      | unlock | 2026-03-20 07:00 |        1
-- ///

-- /// silent: an evening of somebody's second week
-- access:
--   user_id | action | local_ts         | workdays
--   cy      | logon  | 2026-03-02 08:00 |        8
--   cy      | view   | 2026-03-02 12:00 |        8
--   cy      | view   | 2026-03-02 16:00 |        8
--   cy      | unlock | 2026-03-10 21:00 |        1
-- ///

-- /// silent: a refused logon, a mapped drive and an indexer at three in the morning
-- access:
--   user_id | action | local_ts         | workdays | outcome | logon_type | automated
--   di      | logon  | 2026-01-05 08:00 |       60 | success |            |
--   di      | view   | 2026-01-05 12:00 |       60 | success |            |
--   di      | logon  | 2026-03-25 03:00 |        1 | failure | 2          |
--   di      | logon  | 2026-03-26 03:00 |        1 | success | 3          |
--   di      | logon  | 2026-03-27 03:00 |        1 | success | 2          | true
-- ///
