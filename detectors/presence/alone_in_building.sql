-- /// detector
-- title = "Alone in the building, and took more documents than on other nights"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "itm.if002"]
-- lookback = "0d"
-- about = ["user_id", "site"]
-- says = """\
-- {user_id} took or wrote out {documents} documents while alone at {site}, off hours, \
-- from {first_at} to {last_at}"""
-- description = """
-- What must not be seen is done when nobody is there to see it. By the doors everybody
-- else had left; guards and cleaners are no company. Somebody who often works alone at
-- night is compared with the own nights.
-- """
-- falsepositives = [
--   "a deadline, when all others have gone home",
--   "colleagues who came in unread",
-- ]
-- blindspots = [
--   "sites where many leave unread: there somebody seems to be in all night",
--   "documents that are only looked at, papers, whiteboards",
--   "a habit of such nights (see night_visit_chain, many_off_hours_days)",
-- ]
-- needs = ["doors.kind"]
-- triage = """
-- Which documents, and are they the own work? Was anything printed, and where did the
-- card go besides? Secure the recordings of that night, and of the way out.
-- """
-- ///

-- Whose work is everywhere.
WITH everywhere AS (
    SELECT user_id
    FROM people
    WHERE
        regexp_matches(
            lower(concat_ws(' ', role, team, department)),
            'clean|guard|facilit|janitor|caretak|maintenance|porter'
        )
),

busy AS (
    SELECT
        user_id,
        day,
        max(surprise) AS surprise
    FROM user_day
    WHERE
        feature IN ('off_hours_downloads', 'off_hours_media_writes')
        -- One night in thirty; to be alone is the rest of it.
        AND surprise >= knob('min_surprise', 1.5)
    GROUP BY user_id, day
),

acts AS (
    SELECT
        event,
        user_id,
        ts,
        local_ts,
        day,
        coalesce(resource_id, resource, event) AS item
    FROM access
    WHERE
        off_hours
        AND NOT automated
        AND outcome <> 'failure'
        AND action IN ('download', 'copy', 'print', 'archive', 'upload', 'share')
    UNION ALL
    SELECT
        event,
        user_id,
        ts,
        local_ts,
        day,
        coalesce(resource_id, resource, event) AS item
    FROM usb
    WHERE
        off_hours
        AND NOT automated
        AND outcome <> 'failure'
        AND action = 'write'
),

-- Known by the doors to be in.
inside AS (
    SELECT
        acts.*,
        busy.surprise,
        whereabouts.site
    FROM acts
    INNER JOIN busy
        ON acts.user_id = busy.user_id AND acts.day = busy.day
    INNER JOIN whereabouts
        ON
            acts.user_id = whereabouts.user_id
            AND acts.day = whereabouts.day
            AND acts.ts >= whereabouts.since
            AND acts.ts < whereabouts.until
    WHERE whereabouts.state = 'in'
),

alone AS (
    SELECT *
    FROM inside
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM whereabouts AS company
            LEFT JOIN everywhere
                ON company.user_id = everywhere.user_id
            WHERE
                inside.day = company.day
                AND inside.site = company.site
                AND company.state = 'in'
                AND inside.user_id <> company.user_id
                AND inside.ts >= company.since
                AND inside.ts < company.until
                AND everywhere.user_id IS NULL
        )
)

SELECT
    user_id,
    day,
    site,
    count(DISTINCT item) AS documents,
    min(local_ts) AS first_at,
    max(local_ts) AS last_at,
    max(surprise) AS surprise,
    list(DISTINCT event ORDER BY event) AS events
FROM alone
GROUP BY user_id, day, site
HAVING count(DISTINCT item) >= knob('min_documents', 5);  -- fewer is an errand

-- /// fires: when the last had gone, beside the cleaner; and before the first came
-- access:
--   user_id | action   | local_ts         | rows | every
--   ana     | download | 2026-02-12 21:00 |    5 |     0
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-01-20 08:30 |   24
--   bo      | exit   | gate    | out       | 2026-01-20 17:30 |   24
--   cle     | entry  | gate    | in        | 2026-02-12 18:00 |
--   di      | entry  | gate    | in        | 2026-02-12 09:00 |
--   di      | exit   | gate    | out       | 2026-02-12 21:00 |
--   ana     | entry  | gate    | in        | 2026-02-12 21:00 |
--   ed      | entry  | gate    | in        | 2026-02-12 21:30 |
--   gu      | entry  | north   | in        | 2026-02-11 20:00 |
--   gu      | exit   | north   | out       | 2026-02-12 06:00 |
--   fe      | entry  | gate    | in        | 2026-02-12 05:10 |
--   fe      | exit   | gate    | out       | 2026-02-12 06:00 |
--   fe      | entry  | north   | in        | 2026-02-12 07:00 |
--   hu      | entry  | north   | in        | 2026-02-12 08:00 |
-- usb:
--   user_id | action | local_ts         | rows | every
--   fe      | write  | 2026-02-12 05:30 |    5 |     1
--   fe      | write  | 2026-02-12 07:30 |    5 |     1
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | shed
-- people:
--   user_id | role
--   cle     | Cleaning staff
-- expect:
--   user_id | day        | site | documents
--   ana     | 2026-02-12 | HQ   |         5
--   fe      | 2026-02-12 | N    |         5
--   fe      | 2026-02-12 | HQ   |         5
-- ///

-- /// silent: a colleague who has just come in; another who is still in
-- access:
--   user_id | action   | local_ts         | rows | every
--   ana     | download | 2026-02-12 21:00 |    9 |     0
--   fe      | download | 2026-02-12 23:00 |    9 |     0
-- badge:
--   user_id | action | door_id | direction | local_ts
--   ana     | entry  | gate    | in        | 2026-02-12 18:00
--   bo      | entry  | gate    | in        | 2026-02-12 21:00
--   fe      | entry  | north   | in        | 2026-02-12 18:00
--   di      | entry  | north   | in        | 2026-02-12 18:00
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | shed
-- people:
--   user_id | role
--   bo      | engineer
-- ///

-- /// silent: four, and others that were refused, looked at, or taken in office hours
-- access:
--   user_id | action   | outcome | local_ts         | rows
--   ana     | download | success | 2026-02-12 21:00 |    4
--   ana     | download | failure | 2026-02-12 21:10 |    4
--   ana     | view     | success | 2026-02-12 21:20 |    4
--   ana     | download | success | 2026-02-12 11:00 |    4
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | gate    | 2026-02-12 10:00
--   fe      | entry  | north   | 2026-02-12 10:00
-- usb:
--   user_id | action | outcome | local_ts         | rows
--   fe      | write  | success | 2026-02-12 21:00 |    4
--   fe      | write  | failure | 2026-02-12 21:10 |    4
--   fe      | read   | success | 2026-02-12 21:20 |    4
--   fe      | write  | success | 2026-02-12 11:00 |    4
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | shed
-- ///

-- /// silent: a night worker, whose nights are all so, after a busy noon
-- access:
--   user_id | action   | local_ts         | rows | days
--   ni      | download | 2026-01-20 22:00 |    6 |   23
--   ni      | download | 2026-02-12 22:00 |   10 |
--   ni      | download | 2026-02-12 12:00 |  200 |
-- badge:
--   user_id | action | door_id | local_ts
--   ni      | entry  | gate    | 2026-02-12 11:30
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | shed
-- ///

-- /// silent: from home while on leave, before coming in, in the minute of leaving
-- access:
--   user_id | action   | local_ts         | rows | every
--   ana     | download | 2026-02-12 21:00 |    9 |     0
--   fe      | download | 2026-02-12 21:00 |    9 |     0
--   gu      | download | 2026-02-12 21:00 |    9 |     0
-- badge:
--   user_id | action | door_id | direction | local_ts
--   gu      | entry  | gate    | in        | 2026-02-12 22:00
--   fe      | entry  | north   | in        | 2026-02-12 18:00
--   fe      | exit   | north   | out       | 2026-02-12 21:00
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | shed
-- absences:
--   user_id | from       | to
--   ana     | 2026-02-12 | 2026-02-14
-- ///

-- /// silent: one's own paper or two, while a program copies by itself
-- badge:
--   user_id | action | door_id | direction | local_ts         | workdays
--   ana     | entry  | main    | in        | 2026-01-05 09:00 | 25
--   ana     | exit   | main    | out       | 2026-01-05 17:00 | 24
--   bo      | entry  | main    | in        | 2026-01-05 09:00 | 25
--   bo      | exit   | main    | out       | 2026-01-05 17:00 | 25
--   ana     | exit   | main    | out       | 2026-02-06 23:00 |
-- doors:
--   door_id | site | zone_from | zone_to | kind     | out_reader
--   main    |      | outside   | house   | building | true
-- access:
--   user_id | action   | automated | local_ts         | rows | workdays
--   ana     | download |           | 2026-01-05 10:00 |    2 | 24
--   ana     | download |           | 2026-02-06 22:00 |    4 |
--   ana     | copy     | true      | 2026-02-06 22:00 |   50 |
-- usb:
--   user_id | action | automated | local_ts         | rows
--   ana     | write  | true      | 2026-02-06 22:00 |   50
-- ///
