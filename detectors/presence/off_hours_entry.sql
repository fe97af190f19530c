-- /// detector
-- title = "Came into the building off hours, at an hour when this person never does"
-- level = "low"
-- status = "stable"
-- tags = ["attack.initial-access", "itm.pr009"]
-- lookback = "0d"
-- says = """\
-- {user_id} came in at {first_at} through {door_id}, at an hour improbable for \
-- this person"""
-- description = """
-- In an empty office documents are photographed, keys turned and devices left behind.
-- Nights that a person has always worked are not meant: the odds of an hour come from
-- own months, the role's hours and everybody's.
-- """
-- falsepositives = ["something was forgotten", "a deadline, a first night on call"]
-- blindspots = [
--   "who stays until everybody has left",
--   "a door held open by somebody else, a key",
--   "doors that doors.csv does not call an entrance",
-- ]
-- needs = ["doors.kind"]
-- triage = """
-- Who else was in, and where did the card go next? What happened on hosts and media
-- within four hours? Is there a picture of the door? Secure it before asking anybody.
-- """
-- ///

WITH entries AS (
    SELECT
        badge.user_id,
        badge.day,
        hour(badge.local_ts) AS at_hour,
        min(badge.local_ts) AS first_at,
        arg_min(badge.door_id, badge.ts) AS door_id,
        array_agg(badge.event ORDER BY badge.ts, badge.event) AS events
    FROM badge
    INNER JOIN doors
        ON badge.door_id = doors.door_id
    WHERE
        doors.kind IN ('building', 'entrance', 'gate', 'turnstile')
        AND badge.action IN ('entry', 'granted')
        AND badge.outcome <> 'failure'
        AND badge.direction <> 'out'
        -- Within own hours an odd hour is nobody's night.
        AND badge.off_hours
    GROUP BY badge.user_id, badge.day, hour(badge.local_ts)
)

SELECT
    entries.user_id,
    entries.day,
    entries.first_at,
    entries.door_id,
    user_hour.surprise,
    entries.events
FROM entries
INNER JOIN user_hour
    ON
        entries.user_id = user_hour.user_id
        AND entries.day = user_hour.day
        AND entries.at_hour = user_hour.hour
        -- equivalent: an hour is as odd in one log as in the other; once is enough
        AND user_hour.source = 'badge'
WHERE user_hour.surprise >= knob('min_surprise', 2)  -- one hour in a hundred
-- Of several such hours the first: the rest of a night is the same night.
QUALIFY
    row_number() OVER (
        PARTITION BY entries.user_id, entries.day
        ORDER BY entries.first_at
    ) = 1;

-- /// fires: ten in the evening and again at two by someone who comes at nine
-- badge:
--   user_id | action  | door_id | local_ts         | workdays
--   ana     | entry   | main    | 2026-01-05 09:00 |       50
--   ana     | entry   | main    | 2026-01-05 13:00 |       50
--   ana     | granted | garage  | 2026-03-12 22:00 |
--   ana     | entry   | main    | 2026-03-13 02:00 |
-- doors:
--   door_id | kind
--   main    | building
--   garage  | gate
-- expect:
--   user_id | day        | first_at         | door_id
--   ana     | 2026-03-12 | 2026-03-12 22:00 | garage
-- ///

-- /// silent: a guard's night
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   guard   | entry  | main    | 2026-01-05 22:00 |       50
--   guard   | entry  | main    | 2026-01-06 02:00 |       50
-- doors:
--   door_id | kind
--   main    | building
-- ///

-- /// silent: half an hour before the doors are usually passed
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   bo      | entry  | main    | 2026-01-05 08:10 |       50
--   bo      | entry  | main    | 2026-01-05 13:00 |       50
--   bo      | entry  | main    | 2026-03-12 07:40 |
-- doors:
--   door_id | kind
--   main    | building
-- ///

-- /// silent: who always comes back at seven comes once at nine, within own hours
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   cy      | entry  | main    | 2026-01-05 13:00 |       50
--   cy      | entry  | main    | 2026-01-05 19:00 |       50
--   cy      | entry  | main    | 2026-03-12 09:00 |
-- doors:
--   door_id | kind
--   main    | building
-- ///

-- /// silent: a room inside, a refused card and two ways out at eleven in the evening
-- badge:
--   user_id | action  | door_id | local_ts         | workdays | outcome | direction
--   dora    | entry   | main    | 2026-01-05 09:00 |       50 | success | in
--   dora    | entry   | main    | 2026-01-05 13:00 |       50 | success | in
--   eli     | entry   | main    | 2026-01-05 09:00 |       50 | success | in
--   eli     | entry   | main    | 2026-01-05 13:00 |       50 | success | in
--   finn    | entry   | main    | 2026-01-05 09:00 |       50 | success | in
--   finn    | entry   | main    | 2026-01-05 13:00 |       50 | success | in
--   gina    | entry   | main    | 2026-01-05 09:00 |       50 | success | in
--   gina    | entry   | main    | 2026-01-05 13:00 |       50 | success | in
--   dora    | entry   | lab     | 2026-03-12 23:00 |          | success | in
--   eli     | entry   | main    | 2026-03-12 23:00 |          | failure | in
--   finn    | granted | main    | 2026-03-12 23:00 |          | success | out
--   gina    | exit    | main    | 2026-03-12 23:00 |          | success | in
-- doors:
--   door_id | kind
--   main    | building
--   lab     | lab
-- ///

-- /// silent: a late evening of somebody's second week
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   ed      | entry  | main    | 2026-03-02 09:00 |        8
--   ed      | entry  | main    | 2026-03-02 13:00 |        8
--   ed      | entry  | main    | 2026-03-10 20:00 |
-- doors:
--   door_id | kind
--   main    | building
-- ///
