-- /// detector
-- title = "Doors, cards or rights changed off hours, outside any schedule"
-- level = "medium"
-- status = "stable"
-- tags = [
--   "attack.defense-impairment", "attack.persistence", "attack.t1685", "itm.pr009",
-- ]
-- lookback = "30d"
-- about = ["door_id"]
-- says = """\
-- {door_id}: {actions} at {first_at}, off hours and outside any schedule \
-- ({times} changes); let in there within the hour: {let_in}"""
-- description = """
-- Whoever runs the doors needs no key: a door is unlocked from the desk, a schedule is
-- moved, a card made twice, a contact opened. At night nobody is there to be asked why.
-- What happens at that hour on other days, too, is a schedule. Whoever was let in there
-- within the hour is a candidate. Many doors of a site at once are one finding.
-- """
-- falsepositives = [
--   "a guard who lets somebody in by the button",
--   "a technician's night, or a controller that starts anew and says all it knows",
-- ]
-- blindspots = [
--   "who did it: door logs rarely name the operator, whose own log may",
--   "changes in office hours, and those made once a week at the same hour",
--   "panels that do not log their own changes",
-- ]
-- needs = ["badge.mode_changed"]
-- triage = """
-- Which operator was logged on at the door server, from which desk, and is there an
-- order for it? Export the server's own audit log before its administrators are asked:
-- they may be the ones. Who passed those doors until the change was undone?
-- """
-- ///

WITH changes AS (
    SELECT
        event,
        user_id,
        action,
        ts,
        local_ts,
        day,
        off_minutes,
        coalesce(site, '') AS site,
        coalesce(door_id, 'site ' || coalesce(site, '')) AS place
    FROM badge
    WHERE
        outcome <> 'failure'
        AND action IN (
            'unlocked', 'mode_changed', 'card_changed', 'rights_changed', 'tamper'
        )
),

-- How far apart two times of day are, also over midnight, and on how many days so.
unscheduled AS (
    SELECT changes.*
    FROM changes
    LEFT JOIN changes AS earlier
        ON
            changes.place = earlier.place
            AND changes.action = earlier.action
            AND earlier.day BETWEEN changes.day - 30 AND changes.day - 1
            AND abs(
                (epoch(changes.local_ts) - epoch(earlier.local_ts) + 43200) % 86400
                - 43200
            ) <= 60 * knob('minutes_of_schedule', 30)  -- clocks drift, and so do people
    WHERE
        -- Further off than who opens a little early.
        changes.off_minutes >= knob('minutes_off_hours', 60)
    GROUP BY ALL
    HAVING count(DISTINCT earlier.day) < knob('days_of_schedule', 3)  -- twice is chance
),

grouped AS (
    SELECT
        *,
        CASE
            WHEN
                count(DISTINCT place) OVER (PARTITION BY site, day)
                >= knob('many_doors', 10)  -- nobody goes through so many
                THEN 'site ' || site
            ELSE place
        END AS door_id
    FROM unscheduled
),

passed AS (
    SELECT
        grouped.door_id,
        grouped.day,
        list(DISTINCT badge.user_id ORDER BY badge.user_id) AS people,
        list(DISTINCT badge.event) AS events
    FROM grouped
    INNER JOIN badge
        ON
            grouped.door_id = badge.door_id
            AND grouped.day = badge.day
            AND grouped.ts <= badge.ts
            -- A door that was opened for somebody is used soon.
            AND epoch(badge.ts) - epoch(grouped.ts) <= 60 * knob('minutes_to_use', 60)
    WHERE
        badge.action IN ('entry', 'granted')
        AND badge.outcome <> 'failure'
    GROUP BY grouped.door_id, grouped.day
)

SELECT
    grouped.door_id,
    grouped.day,
    min(grouped.local_ts) AS first_at,
    count(*) AS times,
    string_agg(DISTINCT grouped.action, ', ' ORDER BY grouped.action) AS actions,
    coalesce(max(len(passed.people)), 0) AS let_in,
    CASE
        -- More are a morning at the gate, and no list of suspects.
        WHEN max(len(passed.people)) <= knob('max_let_in', 5) THEN max(passed.people)
    END AS candidates,
    list_sort(
        list_distinct(list(grouped.event) || coalesce(max(passed.events), []))
    ) AS events
FROM grouped
LEFT JOIN passed
    ON grouped.door_id = passed.door_id AND grouped.day = passed.day
GROUP BY grouped.door_id, grouped.day;

-- /// fires: the archive's schedule moved at ten at night, and a colleague walks in
-- badge:
--   user_id | action       | door_id | outcome | local_ts         | badge_id
--           | mode_changed | arc     | success | 2026-02-09 17:30 | null
--           | mode_changed | arc     | success | 2026-02-10 22:20 | null
--           | mode_changed | arc     | success | 2026-02-11 22:25 | null
--           | mode_changed | arc     | unknown | 2026-02-12 22:10 | null
--           | unlocked     | arc     | success | 2026-02-12 22:12 | null
--   ana     | entry        | arc     | success | 2026-02-12 23:10 |
--   bo      | entry        | arc     | success | 2026-02-12 23:30 |
--   bo      | entry        | arc     | failure | 2026-02-12 22:30 |
--   bo      | denied       | arc     | unknown | 2026-02-12 22:31 |
--   cy      | entry        | arc     | success | 2026-02-12 22:10 |
--   di      | entry        | arc     | success | 2026-02-12 21:00 |
-- doors:
--   door_id | site | kind
--   arc     | HQ   | archive
-- expect:
--   door_id | day        | times | let_in | candidates | actions
--   arc     | 2026-02-10 |     1 |      0 | null       | mode_changed
--   arc     | 2026-02-11 |     1 |      0 | null       | mode_changed
--   arc     | 2026-02-12 |     2 |      2 | ana, cy    | mode_changed, unlocked
-- ///

-- /// fires: a gate opened too early, through which half a dozen come, and a card twice
-- badge:
--   user_id | action       | door_id | local_ts         | badge_id
--           | unlocked     | gate    | 2026-02-12 06:40 | null
--   ana     | entry        | gate    | 2026-02-12 06:41 |
--   bo      | entry        | gate    | 2026-02-12 06:42 |
--   cy      | granted      | gate    | 2026-02-12 06:43 |
--   di      | entry        | gate    | 2026-02-12 06:44 |
--   ed      | entry        | gate    | 2026-02-12 06:45 |
--   fe      | entry        | gate    | 2026-02-12 06:46 |
--           | card_changed | null    | 2026-02-12 23:00 | null
-- expect:
--   door_id | let_in | candidates
--   gate    |      6 | null
--   site HQ |      0 | null
-- ///

-- /// fires: a controller that starts anew at night: one finding
-- badge:
--   action         | door_id | local_ts
--   tamper         | d1      | 2026-02-12 23:00
--   tamper         | d2      | 2026-02-12 23:00
--   tamper         | d3      | 2026-02-12 23:00
--   tamper         | d4      | 2026-02-12 23:00
--   tamper         | d5      | 2026-02-12 23:00
--   tamper         | d6      | 2026-02-12 23:00
--   tamper         | d7      | 2026-02-12 23:00
--   tamper         | d8      | 2026-02-12 23:00
--   tamper         | d9      | 2026-02-12 23:00
--   rights_changed | d10     | 2026-02-12 23:00
-- expect:
--   door_id | times
--   site HQ |    10
-- ///

-- /// silent: the evening's schedule, this time half an hour late
-- badge:
--   action       | door_id | local_ts         | badge_id
--   mode_changed | gate    | 2026-01-13 18:40 | null
--   mode_changed | gate    | 2026-02-10 18:40 | null
--   mode_changed | gate    | 2026-02-11 18:40 | null
--   mode_changed | gate    | 2026-02-12 19:10 | null
-- ///

-- /// silent: the operator's day, a change that failed, and a night's ordinary traffic
-- badge:
--   action         | door_id | outcome | local_ts
--   rights_changed | gate    | success | 2026-02-12 11:00
--   mode_changed   | gate    | failure | 2026-02-12 23:00
--   entry          | gate    | success | 2026-02-12 23:00
--   door_opened    | gate    | unknown | 2026-02-12 23:00
-- ///
