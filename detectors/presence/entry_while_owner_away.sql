-- /// detector
-- title = "Alone into another's office while its owner is known to be away"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.initial-access", "itm.pr009"]
-- lookback = "30d"
-- about = ["user_id", "door_id"]
-- says = """\
-- {user_id} entered {door_id} of {owner} alone at {first_at}, while {owner} was away \
-- ({away}); own visits in 30 days: {visits}"""
-- description = """
-- A visit to a person needs the person. Absence is established, never assumed: leave, a
-- read at another site, or a read out of this one, if hardly anybody leaves it unread,
-- with neither a read nor a logon at a fixed host since. Without the kinds of hosts
-- nobody knows who sits at the own desk, and nothing is claimed.
-- """
-- falsepositives = [
--   "a colleague who fetches a paper by agreement",
--   "an owner who came in behind somebody else and has not logged on yet",
-- ]
-- blindspots = [
--   "sites where people leave unread: there nobody is known to be away",
--   "an owner who is in another room of the same site",
--   "a key, or a door held open by the next person",
-- ]
-- needs = ["doors.owner", "hosts.kind"]
-- triage = """
-- Is there a recording of the door? What happened on hosts of that room, and on the
-- visitor's own, within the next hour? Look for what was left behind in the room before
-- the owner or the visitor is asked.
-- """
-- ///

WITH offices AS (
    SELECT
        door_id,
        site,
        owner
    FROM doors
    -- equivalent: a door of nobody finds no owner who is away
    WHERE owner IS NOT NULL
),

-- Whose work is everywhere.
everywhere AS (
    SELECT user_id
    FROM people
    WHERE
        regexp_matches(
            lower(concat_ws(' ', role, team, department)),
            'clean|guard|facilit|janitor|caretak|maintenance|porter'
        )
),

entries AS (
    SELECT
        badge.event,
        badge.user_id,
        badge.door_id,
        badge.ts,
        badge.local_ts,
        badge.day,
        offices.owner,
        coalesce(offices.site, badge.site) AS site
    FROM badge
    INNER JOIN offices
        ON badge.door_id = offices.door_id
    WHERE
        badge.action IN ('entry', 'granted')
        AND badge.outcome <> 'failure'
        AND badge.direction <> 'out'
),

visits AS (
    SELECT
        *,
        count(*) OVER (
            PARTITION BY user_id, door_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND CURRENT ROW
        ) AS visits
    FROM entries
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM everywhere
            WHERE everywhere.user_id = entries.user_id
        )
),

absences_found AS (
    SELECT
        visits.*,
        CASE
            WHEN whereabouts.why = 'leave' THEN 'on leave'
            WHEN whereabouts.state = 'in' THEN 'at ' || whereabouts.site
            ELSE 'read out at ' || whereabouts.door_id
        END AS away
    FROM visits
    INNER JOIN whereabouts
        ON
            visits.owner = whereabouts.user_id
            AND visits.day = whereabouts.day
            AND visits.ts >= whereabouts.since
            AND visits.ts < whereabouts.until
    WHERE
        -- Who comes a third time within a month has business there.
        visits.visits < knob('usual_visits', 3)
        AND (
            (whereabouts.state = 'in' AND whereabouts.site <> visits.site)
            -- Out of one site is not away from another.
            OR (
                whereabouts.state = 'out'
                AND coalesce(whereabouts.site, visits.site) = visits.site
            )
        )
)

SELECT
    user_id,
    door_id,
    day,
    owner,
    max(visits) AS visits,
    min(local_ts) AS first_at,
    min_by(away, ts) AS away,
    list(DISTINCT event ORDER BY event) AS events
FROM absences_found
WHERE
    NOT EXISTS (
        SELECT 1
        FROM entries AS company
        WHERE
            absences_found.door_id = company.door_id
            AND absences_found.user_id <> company.user_id
            -- The night that ends does not know who comes on the next day.
            AND absences_found.day >= company.day
            AND abs(epoch(absences_found.ts) - epoch(company.ts))
            -- Who comes together is read together.
            <= 60 * knob('minutes_together', 5)
    )
GROUP BY user_id, door_id, day, owner;

-- /// fires: the office at ten in the evening, its owner read out at half past five
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   40
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   40
--   ana     | entry  | boss    | in        | 2026-02-12 22:10 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner
--   gate    | HQ   | entrance | street    | house   |
--   boss    | HQ   | office   | house     | room    | eve
-- expect:
--   user_id | door_id | day        | owner | visits | away
--   ana     | boss    | 2026-02-12 | eve   |      1 | read out at gate
-- ///

-- /// fires: an owner on leave, one visit before, a colleague gone, another next door
-- badge:
--   user_id | action  | door_id | local_ts
--   ana     | granted | boss    | 2026-02-05 10:00
--   ana     | granted | boss    | 2026-02-12 11:00
--   bo      | granted | boss    | 2026-02-12 10:50
--   bo      | granted | boss    | 2026-02-10 10:50
--   bo      | granted | boss    | 2026-02-09 10:50
--   fe      | granted | next    | 2026-02-12 11:00
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
--   next    | office | fe
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-12 | 2026-02-14
-- expect:
--   user_id | door_id | day        | visits | away
--   ana     | boss    | 2026-02-12 |      2 | on leave
-- ///

-- /// fires: an owner who was read at the other site an hour ago
-- badge:
--   user_id | action | door_id | site | local_ts
--   eve     | entry  | north   | N    | 2026-02-12 10:00
--   cy      | entry  | boss    | HQ   | 2026-02-12 10:00
--   ana     | entry  | boss    | HQ   | 2026-02-12 11:00
-- doors:
--   door_id | site | kind     | owner
--   north   | N    | entrance |
--   boss    | HQ   | office   | eve
-- people:
--   user_id | role
--   ana     | engineer
--   cle     | Cleaning staff
-- expect:
--   user_id | door_id | away
--   cy      | boss    | at N
--   ana     | boss    | at N
-- ///

-- /// fires: a visitor before five, and another on the next day, who is no company
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | boss    | 2026-03-10 04:58
--   bo      | entry  | boss    | 2026-03-10 05:01
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
-- absences:
--   user_id | from       | to
--   eve     | 2026-03-01 | 2026-03-20
-- expect:
--   user_id | day
--   ana     | 2026-03-09
-- ///

-- /// silent: an owner read out of one site, whose office is at another
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-02-01 08:00 |   37
--   bo      | exit   | gate    | out       | 2026-02-01 17:00 |   37
--   eve     | entry  | gate    | in        | 2026-03-03 09:00 |
--   eve     | exit   | gate    | out       | 2026-03-03 11:00 |
--   ana     | entry  | boss    | in        | 2026-03-09 14:00 |
-- doors:
--   door_id | site | kind     | zone_to | owner
--   gate    | A    | entrance | house   |
--   boss    | B    | office   | room    | eve
-- ///

-- /// silent: a visit to an owner who is in
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   40
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   40
--   bo      | entry  | boss    | in        | 2026-02-12 11:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner
--   gate    | HQ   | entrance | street    | house   |
--   boss    | HQ   | office   | house     | room    | eve
-- ///

-- /// silent: an owner whom nobody held a door for, not seen since yesterday's entry
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   38
--   bo      | entry  | boss    | in        | 2026-02-13 11:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner
--   gate    | HQ   | entrance | street    | house   |
--   boss    | HQ   | office   | house     | room    | eve
-- ///

-- /// silent: a site where one in five leaves unread
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   40
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   40
--   cy      | entry  | gate    | in        | 2026-01-05 08:30 |   10
--   bo      | entry  | boss    | in        | 2026-02-12 22:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner
--   gate    | HQ   | entrance | street    | house   |
--   boss    | HQ   | office   | house     | room    | eve
-- ///

-- /// silent: an owner who came in unread, behind another, and works at the own desk
-- access:
--   user_id | action | host | local_ts
--   eve     | logon  | pc-e | 2026-02-14 08:50
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   40
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   40
--   bo      | entry  | boss    | in        | 2026-02-14 11:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner
--   gate    | HQ   | entrance | street    | house   |
--   boss    | HQ   | office   | house     | room    | eve
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- ///

-- /// silent: the cleaner, the owner, and two colleagues together, the owner on leave
-- badge:
--   user_id | action | door_id | direction | outcome | local_ts
--   cle     | entry  | boss    | in        |         | 2026-02-12 18:00
--   eve     | entry  | boss    | in        |         | 2026-02-12 19:00
--   bo      | entry  | boss    | in        |         | 2026-02-12 11:00
--   cy      | entry  | boss    | in        |         | 2026-02-12 11:04
--   di      | entry  | boss    | in        | failure | 2026-02-12 13:00
--   di      | denied | boss    | in        |         | 2026-02-12 14:00
--   di      | entry  | boss    | out       |         | 2026-02-12 15:00
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-12 | 2026-02-14
-- people:
--   user_id | role
--   cle     | Cleaning staff
-- ///

-- /// silent: a secretary who goes in every day
-- badge:
--   user_id | action | door_id | local_ts         | days
--   di      | entry  | boss    | 2026-01-05 09:00 |   39
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-12 | 2026-02-14
-- ///
