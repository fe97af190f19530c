-- /// detector
-- title = "Somebody sits at a workstation while its owner is in another room"
-- level = "high"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.pr009"]
-- lookback = "1d"
-- about = ["host"]
-- says = """\
-- account {used_account} was at work at {host} of {owner} in {zone} from {first_at} \
-- on (uses: {uses}), while {owner} was {owner_was}; \
-- others in that room: {others_there}"""
-- description = """
-- A keyboard needs hands, and its owner's were elsewhere: in a zone that nobody leaves
-- unread, or badged into another room, and since then another's card had opened the
-- owner's office. Whoever was last read into that room is a candidate.
-- """
-- falsepositives = [
--   "an owner who came back behind somebody else, or by a key",
--   "a password given to a colleague",
-- ]
-- blindspots = [
--   "owners who are out of the site (see activity_without_presence)",
--   "a team's room without an owner, where people leave the room next door unread",
--   "an intruder who opens the office by a key, or with a card read by nobody",
-- ]
-- needs = ["hosts.owner", "hosts.zone", "hosts.kind", "doors.zone_to"]
-- triage = """
-- Who was in that room, and what was opened in those minutes under the owner's name?
-- Secure the host before its owner is told, who is the victim more often than not.
-- """
-- ///

WITH uses AS (
    SELECT
        access.event,
        access.account,
        access.host,
        access.ts,
        access.local_ts,
        access.day,
        access.zone,
        access.owner
    FROM access
    WHERE
        access.console
        -- By the owner's account, or by one that is nobody's own.
        AND (
            access.user_id = access.owner
            OR starts_with(access.user_id, 'account:')
            OR access.account_kind IN ('shared', 'pool')
        )
),

elsewhere AS (
    SELECT
        uses.*,
        whereabouts.zone AS owner_zone,
        whereabouts.within,
        whereabouts.since
    FROM uses
    INNER JOIN whereabouts
        ON
            uses.owner = whereabouts.user_id
            AND uses.day = whereabouts.day
            AND uses.ts < whereabouts.until
            AND epoch(uses.ts) - epoch(whereabouts.since)
            -- Clocks differ, and nobody leaves a room in the minute of entering it.
            > 60 * knob('minutes_since_read', 1)
    LEFT JOIN zones
        ON
            uses.zone = zones.zone
            AND whereabouts.zone = zones.within
    -- Who was read into the house may be in any of its rooms.
    WHERE
        -- equivalent: who is out is in no zone
        whereabouts.state = 'in'
        AND whereabouts.zone IS NOT NULL
        AND zones.zone IS NULL
),

-- Nobody leaves that zone unread, and the host stands outside it.
held AS (
    SELECT
        elsewhere.*,
        'in ' || elsewhere.within AS whereat
    FROM elsewhere
    LEFT JOIN zones
        ON
            elsewhere.zone = zones.zone
            AND elsewhere.within = zones.within
    WHERE
        elsewhere.within IS NOT NULL
        AND zones.zone IS NULL
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

reads AS (
    SELECT
        badge.event,
        badge.user_id,
        badge.ts,
        doors.zone_to AS room,
        doors.owner
    FROM badge
    INNER JOIN doors
        ON badge.door_id = doors.door_id
    LEFT JOIN everywhere
        ON badge.user_id = everywhere.user_id
    WHERE
        badge.action IN ('entry', 'granted')
        AND badge.outcome <> 'failure'
        AND badge.direction <> 'out'
        AND everywhere.user_id IS NULL
),

-- Since the owner went, somebody else was let into the owner's office.
visited AS (
    SELECT
        elsewhere.*,
        'last read in ' || elsewhere.owner_zone AS whereat,
        reads.user_id AS visitor,
        reads.event AS read_event
    FROM elsewhere
    INNER JOIN reads
        ON
            elsewhere.zone = reads.room
            AND elsewhere.owner = reads.owner
            AND elsewhere.since < reads.ts
            AND elsewhere.ts >= reads.ts
            AND epoch(elsewhere.ts) - epoch(reads.ts)
            -- A visit is shorter, and an owner comes back.
            <= 60 * knob('minutes_of_visit', 60)
),

found AS (
    SELECT * FROM held
    UNION ALL BY NAME
    SELECT * FROM visited
),

-- Those whose last read led into the room.
roommates AS (
    SELECT
        found.host,
        found.day,
        list(DISTINCT whereabouts.user_id ORDER BY whereabouts.user_id) AS people
    FROM found
    INNER JOIN whereabouts
        ON
            found.day = whereabouts.day
            AND found.zone = whereabouts.zone
            AND found.ts >= whereabouts.since
            AND found.ts < whereabouts.until
    GROUP BY found.host, found.day
)

SELECT
    found.host,
    found.day,
    found.owner,
    found.zone,
    min(found.local_ts) AS first_at,
    min_by(found.account, found.ts) AS used_account,
    min_by(found.whereat, (found.ts, found.whereat)) AS owner_was,
    count(DISTINCT found.event) AS uses,
    coalesce(max(len(roommates.people)), 0) AS others_there,
    CASE
        WHEN count(found.visitor) > 0
            THEN list_sort(list_distinct(list(found.visitor)))
        -- More are a team, and no list of suspects.
        WHEN max(len(roommates.people)) <= knob('max_others', 1)
            THEN max(roommates.people)
    END AS candidates,
    list_distinct(
        list(found.event) || list(coalesce(found.read_event, found.event))
    ) AS events
FROM found
LEFT JOIN roommates
    ON found.host = roommates.host AND found.day = roommates.day
GROUP BY found.host, found.day, found.owner, found.zone;

-- /// fires: the head's computer, the head in the server room, another in the office
-- access:
--   user_id | action | host | local_ts
--   eve     | unlock | pc-e | 2026-02-12 14:20
--   eve     | unlock | pc-e | 2026-02-12 14:25
-- badge:
--   user_id | action | door_id | direction | local_ts
--   eve     | entry  | boss    | in        | 2026-02-12 09:00
--   cy      | entry  | boss    | in        | 2026-02-12 13:50
--   eve     | entry  | server  | in        | 2026-02-12 14:00
--   ed      | entry  | boss    | in        | 2026-02-12 14:00
--   ana     | entry  | boss    | in        | 2026-02-12 14:10
--   fe      | entry  | boss    | in        | 2026-02-12 14:25
--   di      | entry  | boss    | in        | 2026-02-12 14:22
--   di      | exit   | boss    | out       | 2026-02-12 14:23
--   bo      | entry  | boss    | in        | 2026-02-12 14:50
-- doors:
--   door_id | site | zone_from | zone_to | owner
--   boss    | HQ   | house     | room    | eve
--   server  | HQ   | house     | racks   |
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- people:
--   user_id | role
--   ana     | engineer
-- expect:
--   host | day        | owner | uses | owner_was          | candidates
--   pc-e | 2026-02-12 | eve   |    2 | last read in racks | ana, di, fe
-- ///

-- /// fires: an owner badged into the strongroom, which nobody leaves unread
-- access:
--   user_id | account | action | host | local_ts
--   eve     | eve     | unlock | pc-e | 2026-02-12 11:05
--   eve     | eve     | unlock | pc-e | 2026-02-12 11:30
--           | ghost   | logon  | pc-f | 2026-02-12 11:31
--           | desk    | logon  | pc-f | 2026-02-12 11:32
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | strong  | in        | 2026-01-05 11:00 |   39
--   eve     | exit   | strong  | out       | 2026-01-05 12:00 |   39
--   fe      | entry  | strong  | in        | 2026-01-05 11:00 |   39
--   fe      | exit   | strong  | out       | 2026-01-05 12:00 |   39
--   ana     | entry  | team    | in        | 2026-02-12 09:00 |
--   p1      | entry  | kitchen | in        | 2026-02-12 09:00 |
--   p2      | entry  | team    | in        | 2026-02-12 09:00 |
--   p2      | entry  | kitchen | in        | 2026-02-12 10:00 |
--   p3      | entry  | team    | in        | 2026-02-12 11:40 |
-- doors:
--   door_id | site | zone_from | zone_to
--   strong  | HQ   | house     | vault
--   team    | HQ   | house     | room
--   kitchen | HQ   | house     | coffee
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
--   pc-f | fe    | room | workstation
-- accounts:
--   account | user_id | kind
--   desk    | reader  | shared
-- expect:
--   host | uses | owner_was | others_there | candidates
--   pc-e |    2 | in vault  |            1 | ana
--   pc-f |    2 | in vault  |            1 | ana
-- ///

-- /// fires: the strongroom again, from a room where a whole team sits
-- access:
--   user_id | action | host | local_ts
--   eve     | unlock | pc-e | 2026-02-12 11:30
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | strong  | in        | 2026-01-05 11:00 |   39
--   eve     | exit   | strong  | out       | 2026-01-05 12:00 |   39
--   p1      | entry  | team    | in        | 2026-02-12 09:00 |
--   p2      | entry  | team    | in        | 2026-02-12 09:00 |
--   p3      | entry  | team    | in        | 2026-02-12 09:00 |
--   p4      | entry  | team    | in        | 2026-02-12 09:00 |
--   p5      | entry  | team    | in        | 2026-02-12 11:30 |
--   p6      | entry  | team    | in        | 2026-02-12 09:00 |
--   p6      | entry  | kitchen | in        | 2026-02-12 11:30 |
-- doors:
--   door_id | site | zone_from | zone_to
--   strong  | HQ   | house     | vault
--   team    | HQ   | house     | room
--   kitchen | HQ   | house     | coffee
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- expect:
--   host | others_there | candidates
--   pc-e |            5 | null
-- ///

-- /// fires: a visitor before five in the morning, the keyboard after it
-- access:
--   user_id | action | host | local_ts
--   eve     | logon  | pc-e | 2026-03-10 05:10
-- badge:
--   user_id | action | door_id | local_ts
--   eve     | entry  | lab     | 2026-03-10 01:00
--   ana     | entry  | boss    | 2026-03-10 04:50
--   zed     | entry  | gate    | 2026-03-10 08:00
-- doors:
--   door_id | site | zone_from | zone_to | owner
--   lab     | HQ   | house     | bench   |
--   boss    | HQ   | house     | room    | eve
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- expect:
--   host | day        | candidates
--   pc-e | 2026-03-10 | ana
-- ///

-- /// silent: back from the server room behind a colleague, and from a closer room
-- access:
--   user_id | action | host | local_ts
--   bo      | unlock | pc-b | 2026-02-12 11:30
--   cy      | unlock | pc-c | 2026-02-12 11:30
--   di      | unlock | pc-d | 2026-02-12 11:30
--   gi      | unlock | pc-g | 2026-02-12 11:30
-- badge:
--   user_id | action | door_id | direction | outcome | local_ts
--   bo      | entry  | server  | in        |         | 2026-02-12 11:00
--   fe      | entry  | team    | in        |         | 2026-02-12 11:10
--   cy      | entry  | team    | in        |         | 2026-02-12 11:00
--   fe      | entry  | boss-c  | in        |         | 2026-02-12 11:10
--   di      | entry  | server  | in        |         | 2026-02-12 11:00
--   fe      | entry  | boss-d  | in        | failure | 2026-02-12 11:10
--   fe      | exit   | boss-d  | out       |         | 2026-02-12 11:10
--   fe      | denied | boss-d  | in        |         | 2026-02-12 11:10
--   fe      | entry  | boss-d  | out       |         | 2026-02-12 11:10
--   fe      | entry  | store-d | in        |         | 2026-02-12 11:10
--   cle     | entry  | boss-d  | in        |         | 2026-02-12 11:10
--   fe      | entry  | boss-d  | in        |         | 2026-02-12 10:20
--   gi      | entry  | gate    | in        |         | 2026-02-12 11:00
--   fe      | entry  | boss-g  | in        |         | 2026-02-12 11:10
-- doors:
--   door_id | site | zone_from | zone_to | owner
--   server  | HQ   | house     | racks   |
--   team    | HQ   | house     | room    |
--   boss-c  | HQ   | room      | room-c  | cy
--   boss-d  | HQ   | house     | room-d  | di
--   store-d | HQ   | house     | shelf-d | di
--   gate    | HQ   |           |         |
--   boss-g  | HQ   | house     | room-g  | gi
-- hosts:
--   host | owner | zone   | kind
--   pc-b | bo    | room   | workstation
--   pc-c | cy    | room-c | workstation
--   pc-d | di    | room-d | workstation
--   pc-g | gi    | room-g | workstation
-- people:
--   user_id | role
--   cle     | cleaner
-- ///

-- /// silent: a visitor who left long before the owner came back, unread
-- access:
--   user_id | action | host | local_ts
--   eve     | unlock | pc-e | 2026-02-12 16:00
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   eve     | exit   | gate    | out       | 2026-01-05 18:00 |   39
--   eve     | entry  | server  | in        | 2026-02-12 11:00 |
--   bo      | entry  | boss    | in        | 2026-02-12 11:10 |
-- doors:
--   door_id | site | zone_from | zone_to | kind     | owner
--   gate    | HQ   | street    | house   | entrance |
--   boss    | HQ   | house     | room    | office   | eve
--   server  | HQ   | house     | racks   | room     |
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- ///

-- /// silent: in the strongroom: a colleague's own account, a screen locked too late
-- access:
--   user_id | action | host | local_ts
--   bo      | logon  | pc-e | 2026-02-12 11:30
--   eve     | unlock | pc-e | 2026-02-12 11:01
--   eve     | unlock | pc-e | 2026-02-12 12:00
--   eve     | lock   | pc-e | 2026-02-12 11:20
--   eve     | unlock | pc-e | 2026-02-12 12:30
--   eve     | unlock | pc-v | 2026-02-12 11:10
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | strong  | in        | 2026-01-05 11:00 |   39
--   eve     | exit   | strong  | out       | 2026-01-05 12:00 |   39
-- doors:
--   door_id | site | zone_from | zone_to
--   strong  | HQ   | house     | vault
--   safe    | HQ   | vault     | inner
-- hosts:
--   host | owner | zone  | kind
--   pc-e | eve   | room  | workstation
--   pc-v | eve   | inner | workstation
-- ///
