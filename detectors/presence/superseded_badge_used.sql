-- /// detector
-- title = "A replaced or expired card still opens a door"
-- level = "high"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.pr009"]
-- lookback = "0d"
-- about = ["user_id", "badge_id"]
-- says = "{user_id}: card {badge_id} opened {doors}, although {why}"
-- description = """
-- A card that was reported lost or handed back lies in somebody's pocket. Either the
-- register says that it ended, or its holder has a newer one and has been read with it
-- earlier that day: then who is behind the older one?
-- """
-- falsepositives = [
--   "a card prolonged without telling the register",
--   "a person who holds two valid cards, such as one for another building",
-- ]
-- blindspots = [
--   "an old card used on days on which its holder does not come",
--   "the day after a card's last",
--   "two cards that were both in use when the logs began, in a register without dates",
-- ]
-- triage = """
-- Block the card now. Look at the recording of the doors: the holder is as likely the
-- victim as the culprit. What happened in those rooms within the next hour?
-- """
-- ///

WITH reads AS (
    SELECT
        event,
        user_id,
        badge_id,
        door_id,
        ts,
        day,
        -- How far the house's clock is ahead of UTC.
        local_ts - ts::TIMESTAMP AS ahead
    FROM badge
    WHERE
        action IN ('entry', 'granted')
        AND outcome <> 'failure'
),

-- The register says that it ended, and nobody holds it now.
expired AS (
    SELECT
        reads.event,
        reads.badge_id,
        reads.door_id,
        reads.ts,
        reads.day,
        coalesce(max_by(badges.user_id, badges.valid_to), reads.user_id) AS user_id,
        'it ended on ' || strftime(
            -- By the house's clock, which may have been put forward or back since.
            max(badges.valid_to::TIMESTAMP) + reads.ahead + INTERVAL 1 HOUR, '%Y-%m-%d'
        ) AS why
    FROM reads
    INNER JOIN badges
        ON
            reads.badge_id = badges.badge_id
            -- Many registers write the last valid day.
            AND reads.ts >= badges.valid_to + INTERVAL 1 HOUR * knob('grace_hours', 24)
    LEFT JOIN badges AS current_badges
        ON
            reads.badge_id = current_badges.badge_id
            AND reads.ts >= current_badges.valid_from
            AND reads.ts < current_badges.valid_to
    WHERE current_badges.badge_id IS NULL
    GROUP BY
        reads.event,
        reads.user_id,
        reads.badge_id,
        reads.door_id,
        reads.ts,
        reads.day,
        reads.ahead
),

days AS (
    SELECT
        user_id,
        badge_id,
        day,
        min(ts) AS first_ts,
        max(ts) AS last_ts
    FROM reads
    GROUP BY user_id, badge_id, day
),

register AS (
    SELECT
        user_id,
        badge_id,
        bool_or(kind IN ('loaner', 'temporary', 'visitor', 'pool')) AS for_a_day,
        -- An open start says nothing about age.
        max(CASE WHEN year(valid_from) > 1900 THEN valid_from END)::DATE AS since
    FROM badges
    GROUP BY user_id, badge_id
),

-- Each person's cards of the day: since when they are held, and when they were read.
-- A card for a day replaces nothing.
cards AS (
    SELECT
        days.user_id,
        days.badge_id,
        days.day,
        days.first_ts,
        days.last_ts,
        seen.first_day,
        coalesce(register.since, seen.first_day) AS since
    FROM days
    INNER JOIN seen
        ON
            days.user_id = seen.user_id
            AND days.badge_id = seen.value
            AND days.day = seen.day
            AND seen.kind = 'badge'
    LEFT JOIN register
        ON
            days.user_id = register.user_id
            AND days.badge_id = register.badge_id
    WHERE register.for_a_day IS NOT TRUE
),

-- On its first day the newer card may stand in for one that is fetched at noon; then it
-- is not read again.
replaced AS (
    SELECT
        reads.user_id,
        reads.event,
        reads.badge_id,
        reads.door_id,
        reads.ts,
        reads.day,
        'the newer card ' || max_by(newer.badge_id, newer.since) || ' was in use' AS why
    FROM reads
    INNER JOIN cards AS older
        ON
            reads.user_id = older.user_id
            AND reads.badge_id = older.badge_id
            AND reads.day = older.day
    INNER JOIN cards AS newer
        ON
            older.user_id = newer.user_id
            AND older.day = newer.day
            AND older.since < newer.since
            AND reads.ts > newer.first_ts
            AND (newer.first_day < newer.day OR reads.ts < newer.last_ts)
    GROUP BY
        reads.user_id,
        reads.event,
        reads.badge_id,
        reads.door_id,
        reads.ts,
        reads.day
),

superseded AS (
    SELECT * FROM expired
    UNION ALL BY NAME
    SELECT * FROM replaced
)

SELECT
    user_id,
    badge_id,
    day,
    min(ts) AS happened_at,
    min(why) AS why,
    count(DISTINCT event) AS reads,
    list(DISTINCT door_id ORDER BY door_id) AS doors,
    list(DISTINCT event ORDER BY event) AS events
FROM superseded
GROUP BY user_id, badge_id, day;

-- /// fires: the old card in the server room while the holder works with the new one
-- badge:
--   user_id | badge_id | action | door_id | local_ts         | days
--   ana     | ana-1    | entry  | main    | 2026-01-05 08:00 |   30
--   ana     | ana-2    | entry  | main    | 2026-02-09 08:00 |    5
--   ana     | ana-1    | entry  | server  | 2026-02-11 10:22 |
--   ana     | ana-2    | entry  | lab     | 2026-02-11 10:25 |
--   ana     | ana-1    | entry  | main    | 2026-02-11 10:30 |
-- badges:
--   badge_id | user_id | valid_from
--   ana-2    | ana     | 1900-01-01
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | ana-1     | 2026-02-11 11:00
-- expect:
--   user_id | badge_id | day        | reads | doors
--   ana     | ana-1    | 2026-02-11 |     2 | main, server
-- ///

-- /// fires: a card that ended in January and opens a door in March
-- badge:
--   badge_id | action | door_id | local_ts
--   ana-1    | entry  | main    | 2026-01-30 08:00
--   ana-1    | entry  | lab     | 2026-03-04 19:00
-- badges:
--   badge_id | user_id | valid_from | valid_to
--   ana-1    | ana     | 2025-01-01 | 2026-02-01
--   ana-1    | bo      | 2026-03-01 | 2026-03-04 19:00
--   ana-1    | cy      | 2026-04-01 |
-- expect:
--   user_id | badge_id | day        | why
--   ana     | ana-1    | 2026-03-04 | it ended on 2026-02-01
-- ///

-- /// fires: both cards of a leaver, in the week after they ended
-- badge:
--   badge_id | action | door_id | local_ts
--   ana-1    | entry  | lab     | 2026-02-04 19:00
--   ana-2    | entry  | main    | 2026-02-04 18:59
-- badges:
--   badge_id | user_id | valid_from | valid_to
--   ana-1    | ana     | 2025-01-01 | 2026-02-01
--   ana-2    | ana     | 2025-06-01 | 2026-02-02
-- expect:
--   user_id | badge_id | day        | why
--   ana     | ana-1    | 2026-02-04 | it ended on 2026-02-01
--   ana     | ana-2    | 2026-02-04 | it ended on 2026-02-02
-- ///

-- /// fires: a new card by the register's dates, both in use since the logs began
-- badge:
--   user_id | badge_id | action  | door_id | local_ts         | days
--   ana     | ana-2    | granted | main    | 2026-02-09 08:00 |    5
--   ana     | ana-1    | granted | lab     | 2026-02-09 07:00 |
--   ana     | ana-1    | granted | lab     | 2026-02-12 18:30 |
-- badges:
--   badge_id | user_id | valid_from
--   ana-1    | ana     | 2020-01-01
--   ana-2    | ana     | 2026-02-01
-- expect:
--   user_id | badge_id | day
--   ana     | ana-1    | 2026-02-12
-- ///

-- /// fires: both cards by turns, on the very day the newer one was handed out
-- badge:
--   user_id | badge_id | action | door_id | local_ts         | days
--   ana     | ana-1    | entry  | main    | 2026-01-05 08:00 |   30
--   ana     | ana-2    | entry  | main    | 2026-02-09 08:00 |
--   ana     | ana-1    | entry  | server  | 2026-02-09 10:22 |
--   ana     | ana-2    | entry  | lab     | 2026-02-09 11:00 |
-- expect:
--   user_id | badge_id | day        | doors
--   ana     | ana-1    | 2026-02-09 | server
-- ///

-- /// silent: a card forgotten at home, replaced for one day, then used again
-- badge:
--   user_id | badge_id | action | local_ts         | days
--   bo      | bo-1     | entry  | 2026-01-05 08:00 |   30
--   bo      | bo-1     | entry  | 2026-01-20 12:00 |
--   bo      | bo-9     | entry  | 2026-02-09 08:00 |
--   bo      | bo-9     | entry  | 2026-02-09 12:00 |
--   bo      | bo-1     | entry  | 2026-02-10 08:00 |   20
-- ///

-- /// silent: a card fetched from home at noon on the day it was replaced
-- badge:
--   user_id | badge_id | action | local_ts         | days
--   bo      | bo-1     | entry  | 2026-01-05 08:00 |   30
--   bo      | bo-9     | entry  | 2026-02-09 08:00 |
--   bo      | bo-9     | entry  | 2026-02-09 13:00 |
--   bo      | bo-1     | entry  | 2026-02-09 13:00 |   20
-- ///

-- /// silent: loaner cards, week after week, by somebody forgetful
-- badge:
--   user_id | badge_id | action | local_ts         | days
--   cy      | cy-1     | entry  | 2026-01-05 08:00 |   14
--   cy      | loan-3   | entry  | 2026-01-19 08:00 |    2
--   cy      | cy-1     | entry  | 2026-01-20 13:00 |   20
-- badges:
--   badge_id | user_id | kind
--   loan-3   | cy      | loaner
-- ///

-- /// silent: the old card in the morning, the new one from noon on
-- badge:
--   user_id | badge_id | action | local_ts         | days
--   di      | di-1     | entry  | 2026-01-05 08:00 |   36
--   di      | di-2     | entry  | 2026-02-09 12:00 |   20
--   di      | di-1     | entry  | 2026-02-11 12:00 |
-- ///

-- /// silent: the last valid day, and a number that was given out again
-- badge:
--   badge_id | action | local_ts
--   ed-1     | entry  | 2026-02-27 08:00
--   ed-1     | entry  | 2026-02-28 17:00
--   ed-2     | entry  | 2026-02-01 00:00
--   ed-2     | entry  | 2026-02-27 08:00
-- badges:
--   badge_id | user_id | valid_from | valid_to
--   ed-1     | ed      | 2025-01-01 | 2026-02-28
--   ed-2     | fe      | 2025-01-01 | 2026-01-31
--   ed-2     | ed      | 2026-02-01 |
-- ///

-- /// silent: an expired card that the door refused
-- badge:
--   badge_id | action | outcome | local_ts
--   ed-1     | denied | failure | 2026-02-27 08:00
--   ed-1     | entry  | failure | 2026-02-27 08:01
--   ed-1     | exit   |         | 2026-02-27 08:02
-- badges:
--   badge_id | user_id | valid_from | valid_to
--   ed-1     | ed      | 2025-01-01 | 2026-01-31
-- ///
