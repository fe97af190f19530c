-- /// detector
-- title = "One card refused at door after door within the hour"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "itm.pr009"]
-- lookback = "31d"
-- says = """\
-- {user_id} was refused at {doors} doors within an hour, from {first_at} on: {tried}"""
-- description = """
-- Who looks for a way in tries handles. One refusal is a wrong floor, and any site has
-- hundreds a month; several doors without a right, one after the other, are a search.
-- Doors where the card was let in within 30 days do not count: there the card is at
-- fault, not the person. Nor does a door that refuses many people on that day.
-- """
-- falsepositives = [
--   "somebody who moved to another house before the rights did",
--   "a technician whose order covers doors that nobody granted",
-- ]
-- blindspots = [
--   "controllers that do not log refusals",
--   "one door a day (see first_entry_to_room, once a door opens)",
--   "newcomers, whose rights are late, in their first two weeks",
--   "handles of doors without a reader",
-- ]
-- needs = ["badge.denied"]
-- triage = """
-- What do the doors have in common, and whose rooms are they? Look at the recordings of
-- that hour: is the card with its holder? Was one of the doors opened later, by whom?
-- """
-- ///

WITH refusals AS (
    SELECT
        badge.event,
        badge.user_id,
        badge.door_id,
        badge.ts,
        badge.local_ts,
        badge.day,
        badge.reason,
        count(DISTINCT badge.user_id) OVER (
            PARTITION BY badge.door_id, badge.day
        ) AS refused_there
    FROM badge
    LEFT JOIN people
        ON badge.user_id = people.user_id
    WHERE
        (badge.action = 'denied' OR badge.outcome = 'failure')
        -- An expired card, a mistyped number and a way in unread are no search.
        AND coalesce(badge.reason, 'no_right') IN ('no_right', 'wrong_time')
        AND (
            people.joined IS NULL
            OR badge.day - people.joined::DATE
            > knob('days_settling', 14)  -- rights come late
        )
),

openings AS (
    SELECT
        user_id,
        door_id,
        ts,
        day
    FROM badge
    WHERE action IN ('entry', 'exit', 'granted') AND outcome <> 'failure'
),

tries AS (
    SELECT *
    FROM refusals
    WHERE
        -- More, and the door is at fault, or its rights were just changed.
        refused_there <= knob('max_refused_there', 3)
        AND NOT EXISTS (
            SELECT 1
            FROM openings
            WHERE
                refusals.user_id = openings.user_id
                AND refusals.door_id = openings.door_id
                AND refusals.ts > openings.ts
                AND openings.day >= refusals.day - 30
                -- The own door at the wrong hour is a try.
                AND refusals.reason IS DISTINCT FROM 'wrong_time'
        )
),

-- The hour slides, also over midnight and over the day's edge.
hours AS (
    SELECT
        user_id,
        day,
        ts,
        count(DISTINCT door_id) OVER the_hour AS doors,
        min(local_ts) OVER the_hour AS first_at,
        string_agg(DISTINCT door_id, ', ' ORDER BY door_id) OVER the_hour AS tried,
        list(event ORDER BY event) OVER the_hour AS events
    FROM tries
    WINDOW the_hour AS (
        PARTITION BY user_id
        ORDER BY ts
        RANGE BETWEEN INTERVAL 60 MINUTES PRECEDING AND CURRENT ROW
    )
)

SELECT
    user_id,
    day,
    max(doors) AS doors,
    min_by(first_at, (-doors, ts)) AS first_at,
    min_by(tried, (-doors, ts)) AS tried,
    min_by(events, (-doors, ts)) AS events
FROM hours
WHERE doors >= knob('min_doors', 3)  -- two doors are one wrong corridor
GROUP BY user_id, day;

-- /// fires: three doors within the hour, over the edge of a day, and three at noon
-- badge:
--   user_id | action   | door_id | outcome | reason     | local_ts
--   ana     | entry    | off-2   | success |            | 2026-02-08 09:00
--   ana     | no_entry | off-1   | unknown |            | 2026-03-05 09:00
--   ana     | entry    | off-1   | failure |            | 2026-03-05 09:01
--   ana     | entry    | lab     | success |            | 2026-03-05 10:00
--   di      | entry    | off-1   | success |            | 2026-03-10 10:00
--   ana     | denied   | off-1   | unknown | no_right   | 2026-03-12 04:10
--   ana     | entry    | off-1   | success |            | 2026-03-12 04:10
--   ana     | entry    | off-2   | failure | null       | 2026-03-12 04:30
--   ana     | denied   | lab     | failure | wrong_time | 2026-03-12 05:10
--   bo      | denied   | off-1   | failure | no_right   | 2026-03-12 12:00
--   bo      | denied   | off-3   | failure | no_right   | 2026-03-12 12:10
--   bo      | denied   | off-2   | failure | no_right   | 2026-03-12 12:20
--   bo      | denied   | off-2   | failure | no_right   | 2026-03-12 12:21
--   cy      | denied   | off-1   | failure | no_right   | 2026-03-12 12:30
-- people:
--   user_id | joined
--   ana     | 2026-02-24
-- expect:
--   user_id | day        | doors | first_at         | tried
--   ana     | 2026-03-12 |     3 | 2026-03-12 04:10 | lab, off-1, off-2
--   bo      | 2026-03-12 |     3 | 2026-03-12 12:00 | off-1, off-2, off-3
-- ///

-- /// silent: a wrong floor: two doors, one of them twice, a third an hour later
-- badge:
--   user_id | action | door_id | outcome | reason   | local_ts
--   ana     | denied | off-1   | failure | no_right | 2026-03-12 10:00
--   ana     | denied | off-2   | failure | no_right | 2026-03-12 10:01
--   ana     | denied | off-1   | failure | no_right | 2026-03-12 10:02
--   ana     | denied | off-3   | failure | no_right | 2026-03-12 11:03
--   ana     | entry  | off-4   | success |          | 2026-03-12 10:03
--   ana     | forced | off-5   | unknown |          | 2026-03-12 10:03
-- ///

-- /// silent: an own card that fails at own doors, one that expired, a newcomer
-- badge:
--   user_id | action | door_id | outcome | reason   | local_ts
--   ana     | entry  | gate    | success |          | 2026-02-10 08:00
--   ana     | entry  | lab     | success |          | 2026-03-11 08:00
--   ana     | denied | gate    | failure |          | 2026-03-12 08:00
--   ana     | denied | lab     | failure | no_right | 2026-03-12 08:10
--   ana     | denied | yard    | failure | no_right | 2026-03-12 08:20
--   ana     | denied | shed    | failure | no_right | 2026-03-12 08:30
--   bo      | denied | gate    | failure | expired  | 2026-03-12 08:01
--   bo      | denied | lab     | failure | expired  | 2026-03-12 08:02
--   bo      | denied | yard    | failure | expired  | 2026-03-12 08:03
--   new     | denied | gate    | failure | no_right | 2026-03-12 09:00
--   new     | denied | lab     | failure | no_right | 2026-03-12 09:10
--   new     | denied | yard    | failure | no_right | 2026-03-12 09:20
-- people:
--   user_id | joined
--   new     | 2026-02-26
-- ///

-- /// silent: a door that refuses everybody, of the three
-- badge:
--   user_id | action | door_id | outcome | reason   | local_ts
--   ana     | denied | off-1   | failure | no_right | 2026-03-12 10:00
--   ana     | denied | off-2   | failure | no_right | 2026-03-12 10:01
--   ana     | denied | off-3   | failure | no_right | 2026-03-12 10:02
--   bo      | denied | off-3   | failure | no_right | 2026-03-12 10:03
--   cy      | denied | off-3   | failure | no_right | 2026-03-12 10:04
--   di      | denied | off-3   | failure | no_right | 2026-03-12 10:05
-- ///

-- /// silent: before five in the morning, at a door that was the own one a month ago
-- badge:
--   user_id | action | door_id | reason   | local_ts
--   ana     | entry  | lab-1   |          | 2026-01-05 12:00
--   ana     | denied | lab-1   | no_right | 2026-02-05 04:50
--   ana     | denied | lab-2   | no_right | 2026-02-05 04:55
--   ana     | denied | lab-3   | no_right | 2026-02-05 05:05
-- ///
