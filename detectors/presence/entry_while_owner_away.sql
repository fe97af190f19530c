-- /// detector
-- title = "Alone into another's office while its owner is away: off hours, or again"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.initial-access", "itm.pr009"]
-- lookback = "30d"
-- about = ["user_id", "door_id"]
-- says = """\
-- {user_id} entered {door_id} of {owner} alone at {first_at}, while {owner} was away \
-- ({away}); visits in 30 days: {visits}, days like this: {days_so}"""
-- description = """
-- A visit to a person needs the person. Absence is established, never assumed: leave, a
-- read at another site, or a read out of this one, if hardly anybody leaves it unread,
-- with neither a read nor a logon at a fixed host since. Without the kinds of hosts
-- nobody knows who sits at the own desk, and nothing is claimed. In office hours one
-- empty office is a call in vain: it counts off hours, or from the second day on.
-- """
-- falsepositives = [
--   "a colleague who fetches a paper by agreement",
--   "an owner who came in behind somebody else and has not logged on yet",
-- ]
-- blindspots = [
--   "sites where people leave unread: there nobody is known to be away",
--   "an owner who is in another room of the same site",
--   "a key, or a door held open by the next person",
--   "a single visit in the visitor's own hours (see first_entry_to_room)",
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
        badge.off_minutes,
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

-- Each visit, with why its owner is known to be away.
unmet AS (
    SELECT
        entries.*,
        CASE
            WHEN whereabouts.why = 'leave' THEN 'on leave'
            WHEN whereabouts.state = 'in' THEN 'at ' || whereabouts.site
            ELSE 'read out at ' || whereabouts.door_id
        END AS away
    FROM entries
    INNER JOIN whereabouts
        ON
            entries.owner = whereabouts.user_id
            AND entries.day = whereabouts.day
            AND entries.ts >= whereabouts.since
            AND entries.ts < whereabouts.until
    WHERE
        (
            (whereabouts.state = 'in' AND whereabouts.site <> entries.site)
            -- Out of one site is not away from another.
            OR (
                whereabouts.state = 'out'
                AND coalesce(whereabouts.site, entries.site) = entries.site
            )
        )
        AND NOT EXISTS (
            SELECT 1
            FROM everywhere
            WHERE everywhere.user_id = entries.user_id
        )
),

alone AS (
    SELECT *
    FROM unmet
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM entries AS company
            WHERE
                unmet.door_id = company.door_id
                AND unmet.user_id <> company.user_id
                -- The night that ends does not know who comes on the next day.
                AND unmet.day >= company.day
                AND abs(epoch(unmet.ts) - epoch(company.ts))
                -- Who comes together is read together.
                <= 60 * knob('minutes_together', 5)
        )
),

-- As each day knows it: offices where the visitor was seldom in 30 days.
strange AS (
    SELECT
        outings.user_id,
        outings.day,
        entries.door_id,
        count(DISTINCT entries.event) AS visits
    FROM alone AS outings
    INNER JOIN entries
        ON
            outings.user_id = entries.user_id
            AND entries.day BETWEEN outings.day - 30 AND outings.day
    GROUP BY outings.user_id, outings.day, entries.door_id
    -- Who comes a third time within a month has business there.
    HAVING visits < knob('usual_visits', 3)
),

-- The days in 30 with such a visit, to whichever office.
habits AS (
    SELECT
        strange.user_id,
        strange.day,
        count(DISTINCT alone.day) AS days_so
    FROM strange
    INNER JOIN alone
        ON
            strange.user_id = alone.user_id
            AND strange.door_id = alone.door_id
            AND alone.day BETWEEN strange.day - 30 AND strange.day
    GROUP BY strange.user_id, strange.day
)

SELECT
    alone.user_id,
    alone.door_id,
    alone.day,
    alone.owner,
    any_value(strange.visits) AS visits,
    any_value(habits.days_so) AS days_so,
    min(alone.local_ts) AS first_at,
    min_by(alone.away, alone.ts) AS away,
    list(DISTINCT alone.event ORDER BY alone.event) AS events
FROM alone
INNER JOIN strange
    ON
        alone.user_id = strange.user_id
        AND alone.day = strange.day
        AND alone.door_id = strange.door_id
INNER JOIN habits
    ON alone.user_id = habits.user_id AND alone.day = habits.day
GROUP BY alone.user_id, alone.door_id, alone.day, alone.owner
HAVING
    -- Further off than who starts a little early or leaves a little late.
    max(alone.off_minutes) >= knob('minutes_off_hours', 60)
    -- In office hours one empty office is a call in vain, two days of it are a habit.
    OR any_value(habits.days_so) >= knob('days_in_hours', 2);

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

-- /// fires: a second day on leave in office hours, a colleague gone, one next door
-- badge:
--   user_id | action  | door_id | local_ts
--   ana     | granted | boss    | 2026-01-03 10:00
--   ana     | granted | boss    | 2026-01-04 10:00
--   ana     | granted | boss    | 2026-01-13 10:00
--   ana     | granted | boss    | 2026-02-12 11:00
--   ana     | granted | boss    | 2026-02-16 11:00
--   bo      | granted | boss    | 2026-02-12 10:50
--   bo      | granted | boss    | 2026-02-10 10:50
--   bo      | granted | boss    | 2026-02-09 10:50
--   cy      | granted | boss    | 2026-02-10 21:00
--   cy      | granted | boss    | 2026-02-11 21:00
--   cy      | granted | boss    | 2026-02-12 21:00
--   fe      | granted | next    | 2026-02-12 11:00
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
--   next    | office | fe
-- absences:
--   user_id | from       | to
--   eve     | 2026-01-13 | 2026-01-14
--   eve     | 2026-02-12 | 2026-02-14
-- expect:
--   user_id | door_id | day        | visits | days_so | away
--   ana     | boss    | 2026-02-12 |      2 |       2 | on leave
-- ///

-- /// fires: in the evening, an owner who was read at the other site an hour ago
-- badge:
--   user_id | action | door_id | site | local_ts
--   eve     | entry  | north   | N    | 2026-02-12 19:00
--   cy      | entry  | boss    | HQ   | 2026-02-12 19:00
--   ana     | entry  | boss    | HQ   | 2026-02-12 20:00
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
--   ana     | entry  | boss    | in        | 2026-03-09 20:00 |
-- doors:
--   door_id | site | kind     | zone_to | owner
--   gate    | A    | entrance | house   |
--   boss    | B    | office   | room    | eve
-- ///

-- /// silent: a visit to an owner who is in, on a Saturday
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   40
--   eve     | exit   | gate    | out       | 2026-01-05 17:30 |   40
--   bo      | entry  | boss    | in        | 2026-02-07 11:00 |
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
--   bo      | entry  | boss    | in        | 2026-02-13 21:00 |
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
--   bo      | entry  | boss    | in        | 2026-02-07 11:00 |
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
--   cle     | entry  | boss    | in        |         | 2026-02-12 20:00
--   eve     | entry  | boss    | in        |         | 2026-02-12 23:30
--   bo      | entry  | boss    | in        |         | 2026-02-12 21:00
--   cy      | entry  | boss    | in        |         | 2026-02-12 21:04
--   di      | entry  | boss    | in        | failure | 2026-02-12 22:00
--   di      | denied | boss    | in        |         | 2026-02-12 22:10
--   di      | entry  | boss    | out       |         | 2026-02-12 22:20
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

-- /// silent: calls in office hours: one in 30 days, two on a day, a little late
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | boss    | 2026-02-02 10:00
--   ana     | entry  | boss    | 2026-03-05 10:00
--   bo      | entry  | boss    | 2026-03-03 10:00
--   bo      | entry  | boss    | 2026-03-03 15:00
--   cy      | entry  | boss    | 2026-03-04 18:50
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-01 | 2026-03-20
-- ///

-- /// silent: a secretary who goes in every day, and once next door
-- badge:
--   user_id | action | door_id | local_ts         | days
--   di      | entry  | boss    | 2026-01-20 09:00 |   24
--   di      | entry  | next    | 2026-02-12 10:00 |
-- doors:
--   door_id | kind   | owner
--   boss    | office | eve
--   next    | office | fe
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-12 | 2026-02-14
--   fe      | 2026-02-12 | 2026-02-13
-- ///
