-- /// detector
-- title = "One person's cards read at two sites sooner than anybody can travel"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.pr009", "itm.me024.005"]
-- lookback = "30d"
-- says = """\
-- {user_id} was read at {door_before} ({site_before}) and {seconds} s later, at \
-- {first_at}, at {door_id} ({site}); {cards}, {times} such ways that day"""
-- description = """
-- A copied or lent card is found when its twin is used, too: nobody is at two sites at
-- once. Where several people make the same way in that time the sites are next door, or
-- a clock is wrong, and nothing is claimed. Doors of one site are not asked: reads tell
-- when somebody came, not how fast one could have walked.
-- """
-- falsepositives = [
--   "a card that is left with a colleague, who reads it for the owner",
--   "a controller whose clock has just begun to run wrong (see clock_anomaly)",
-- ]
-- blindspots = [
--   "two doors of one site, however far apart",
--   "a copied card whose twin rests, or is used at the same site",
--   "doors that report late, and doors that doors.csv does not know",
-- ]
-- needs = ["doors.site"]
-- triage = """
-- Compare the recordings of both doors: who held which card? Is one of the cards a
-- replacement, and was the other called in? Block a card only when that is known.
-- """
-- ///

WITH reads AS (
    SELECT
        badge.event,
        badge.user_id,
        badge.badge_id,
        badge.door_id,
        badge.ts,
        badge.local_ts,
        badge.day,
        doors.site
    FROM badge
    INNER JOIN doors
        ON badge.door_id = doors.door_id
    WHERE
        badge.action IN ('entry', 'exit', 'granted')
        AND badge.outcome <> 'failure'
        AND doors.offline IS NOT TRUE
),

steps AS (
    SELECT
        *,
        lag(event) OVER earlier AS event_before,
        lag(badge_id) OVER earlier AS badge_before,
        lag(door_id) OVER earlier AS door_before,
        lag(site) OVER earlier AS site_before,
        epoch(ts) - epoch(lag(ts) OVER earlier) AS seconds
    FROM reads
    WINDOW earlier AS (
        PARTITION BY user_id
        ORDER BY ts, event
    )
),

travels AS (
    SELECT
        *,
        count(DISTINCT user_id) OVER (
            PARTITION BY least(site, site_before), greatest(site, site_before)
            ORDER BY day
            RANGE BETWEEN INTERVAL 29 DAYS PRECEDING AND CURRENT ROW
        ) AS travellers
    FROM steps
    WHERE
        site <> site_before
        -- Sites are further apart, or they are one; clocks differ by less.
        AND seconds < 60 * knob('minutes_between_sites', 10)
)

SELECT
    user_id,
    day,
    min_by(local_ts, (ts, event)) AS first_at,
    min_by(door_before, (ts, event)) AS door_before,
    min_by(site_before, (ts, event)) AS site_before,
    min_by(door_id, (ts, event)) AS door_id,
    min_by(site, (ts, event)) AS site,
    round(min_by(seconds, (ts, event)))::BIGINT AS seconds,
    count(*) AS times,
    CASE
        WHEN bool_or(badge_id <> badge_before) THEN 'two cards'
        ELSE 'one card'
    END AS cards,
    list_sort(list_distinct(list(event) || list(event_before))) AS events
FROM travels
-- More people, and it is a way that can be gone, or a clock.
WHERE travellers <= knob('max_travellers', 2)
GROUP BY user_id, day;

-- /// fires: south nine minutes after north, and back; a colleague last month
-- badge:
--   user_id | action  | door_id | direction | local_ts            | badge_id
--   bo      | entry   | south   | in        | 2026-01-13 08:50    | bo
--   bo      | entry   | north   | in        | 2026-01-13 08:55    | bo
--   cy      | entry   | south   | in        | 2026-02-11 08:50    | cy
--   cy      | entry   | north   | in        | 2026-02-11 08:55    | cy
--   ana     | entry   | north   | in        | 2026-02-12 09:00    | one
--   ana     | granted | south   | in        | 2026-02-12 09:09:59 | two
--   ana     | exit    | north   | out       | 2026-02-12 09:12    | one
-- badges:
--   badge_id | user_id
--   bo       | bo
--   cy       | cy
--   one      | ana
--   two      | ana
-- doors:
--   door_id | site | kind
--   north   | N    | gate
--   south   | S    | gate
-- expect:
--   user_id | day        | door_before | door_id | seconds | times | cards
--   bo      | 2026-01-13 | south       | north   |     300 |     1 | one card
--   cy      | 2026-02-11 | south       | north   |     300 |     1 | one card
--   ana     | 2026-02-12 | north       | south   |     599 |     2 | two cards
-- ///

-- /// silent: a way of ten minutes; two doors of one site; a refusal; a late door
-- badge:
--   user_id | action | door_id | outcome | local_ts
--   ana     | entry  | north   | success | 2026-02-12 09:00
--   ana     | entry  | south   | success | 2026-02-12 09:10
--   ana     | entry  | yard    | success | 2026-02-12 09:11
--   bo      | entry  | north   | success | 2026-02-12 09:00
--   bo      | entry  | south   | failure | 2026-02-12 09:01
--   bo      | denied | south   | unknown | 2026-02-12 09:02
--   bo      | entry  | late    | success | 2026-02-12 09:03
-- doors:
--   door_id | site | kind | offline
--   north   | N    | gate |
--   south   | S    | gate |
--   yard    | S    | gate |
--   late    | S    | room | true
-- ///

-- /// silent: houses next door, between which three people went
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | north   | 2026-02-12 09:00
--   ana     | entry  | south   | 2026-02-12 09:04
--   bo      | entry  | south   | 2026-02-12 09:00
--   bo      | entry  | north   | 2026-02-12 09:04
--   cy      | entry  | north   | 2026-02-12 10:00
--   cy      | entry  | south   | 2026-02-12 10:05
-- doors:
--   door_id | site | kind
--   north   | N    | gate
--   south   | S    | gate
-- ///
