-- /// detector
-- title = "An account at work in a room while its person is known to be elsewhere"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.pr009"]
-- lookback = "0d"
-- about = ["account", "host"]
-- says = """\
-- account {account} was at work at {host} in {zone} from {first_at} on \
-- (uses: {uses}), while {person} was away ({away}); known to be inside: {inside}"""
-- description = """
-- Somebody sat at a fixed machine, or plugged a drive into it, and the account's person
-- was out by leave, by another site's read or by the last read out of this one. It may
-- be stolen: its person and those who were inside, where they are few, share the risk.
-- """
-- falsepositives = [
--   "a person who came back at night behind somebody else, or by a key",
--   "a colleague who was given a password during leave",
-- ]
-- blindspots = [
--   "office hours after a read out: then somebody may have held the door",
--   "sites where people leave unread, and hosts without a room",
--   "remote sessions in logs that do not number their logons",
-- ]
-- needs = ["hosts.zone", "hosts.kind", "doors.zone_to"]
-- triage = """
-- Do not warn the account's person by that account. Who was in that room? Secure the
-- host's own logs and the recording of the way there; then have the password changed.
-- """
-- ///

WITH places AS (
    SELECT DISTINCT
        zone,
        site
    FROM zones
    -- equivalent: nobody is known to be away from a zone whose site nobody knows
    WHERE site IS NOT NULL
),

uses AS (
    SELECT
        event,
        user_id,
        account,
        host,
        zone,
        ts,
        local_ts,
        day,
        off_minutes
    FROM access
    WHERE console AND account_kind IN ('person', 'privileged')
    UNION ALL BY NAME
    SELECT
        event,
        user_id,
        account,
        host,
        zone,
        ts,
        local_ts,
        day,
        off_minutes
    FROM usb
    WHERE
        fixed
        AND action = 'write'
        AND outcome <> 'failure'
        AND device_class IN ('mass_storage', 'mtp', 'card_reader')
        AND account_kind IN ('person', 'privileged')
),

-- A span ends with the first use of the own keyboard: that use belongs to it.
impossible AS (
    SELECT
        uses.*,
        places.site,
        CASE
            WHEN whereabouts.why = 'leave' THEN 'on leave'
            WHEN whereabouts.state = 'in' THEN 'at ' || whereabouts.site
            ELSE 'read out at ' || whereabouts.door_id
        END AS away
    FROM uses
    INNER JOIN places
        ON uses.zone = places.zone
    INNER JOIN whereabouts
        ON
            uses.user_id = whereabouts.user_id
            AND uses.day = whereabouts.day
            AND uses.ts <= whereabouts.until
            AND epoch(uses.ts) - epoch(whereabouts.since)
            -- Clocks differ, and a card may be read before the last key is struck.
            > 60 * knob('minutes_since_read', 5)
    WHERE
        (whereabouts.state = 'in' AND whereabouts.site <> places.site)
        OR (
            whereabouts.state = 'out'
            -- Out of one site is not away from another.
            AND coalesce(whereabouts.site, places.site) = places.site
            -- While people come and go somebody holds the door for the next one. A day
            -- of leave is off hours as a whole.
            AND uses.off_minutes > knob('off_minutes', 60)
        )
),

firsts AS (
    SELECT
        account,
        host,
        day,
        zone,
        site,
        user_id,
        min(ts) AS first_ts,
        min(local_ts) AS first_at,
        min_by(away, ts) AS away
    FROM impossible
    GROUP BY account, host, day, zone, site, user_id
),

-- What was done there from then on.
sessions AS (
    SELECT
        firsts.account,
        firsts.host,
        firsts.day,
        count(*) AS uses,
        list(DISTINCT uses.event ORDER BY uses.event) AS events
    FROM firsts
    INNER JOIN uses
        ON
            firsts.account = uses.account
            AND firsts.host = uses.host
            AND firsts.day = uses.day
            AND firsts.first_ts <= uses.ts
    GROUP BY firsts.account, firsts.host, firsts.day
),

inside AS (
    SELECT
        firsts.account,
        firsts.host,
        firsts.day,
        list(DISTINCT whereabouts.user_id ORDER BY whereabouts.user_id) AS people
    FROM firsts
    INNER JOIN whereabouts
        ON
            firsts.day = whereabouts.day
            AND firsts.site = whereabouts.site
            AND firsts.first_ts >= whereabouts.since
            AND firsts.first_ts < whereabouts.until
            AND whereabouts.state = 'in'
    GROUP BY firsts.account, firsts.host, firsts.day
)

SELECT
    firsts.account,
    firsts.host,
    firsts.day,
    firsts.user_id AS person,
    firsts.zone,
    firsts.first_at,
    firsts.away,
    sessions.uses,
    sessions.events,
    coalesce(len(inside.people), 0) AS inside,
    CASE
        -- More are a working evening, and no list of suspects.
        WHEN len(inside.people) <= knob('max_inside', 5)
            THEN list_append(inside.people, firsts.user_id)
        ELSE [firsts.user_id]
    END AS candidates
FROM firsts
INNER JOIN sessions
    ON
        firsts.account = sessions.account
        AND firsts.host = sessions.host
        AND firsts.day = sessions.day
LEFT JOIN inside
    ON
        firsts.account = inside.account
        AND firsts.host = inside.host
        AND firsts.day = inside.day;

-- /// fires: the account of somebody who left at six, at that desk, with a man inside
-- access:
--   user_id | action | host | local_ts
--   eve     | logon  | pc-e | 2026-02-12 09:00
--   eve     | logon  | pc-e | 2026-02-12 22:10
--   eve     | unlock | pc-e | 2026-02-12 22:20
-- usb:
--   user_id | action | host | local_ts
--   eve     | write  | pc-e | 2026-02-12 22:25
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   eve     | exit   | gate    | out       | 2026-01-05 18:00 |   39
--   ana     | entry  | gate    | in        | 2026-02-12 22:00 |
--   ana     | exit   | gate    | out       | 2026-02-12 22:40 |
--   gi      | entry  | gate    | in        | 2026-02-12 22:10 |
--   hu      | entry  | gate    | in        | 2026-02-12 21:30 |
--   hu      | exit   | gate    | out       | 2026-02-12 22:10 |
--   bo      | entry  | gate    | in        | 2026-02-12 22:30 |
--   cy      | entry  | gate    | in        | 2026-02-12 21:00 |
--   cy      | exit   | gate    | out       | 2026-02-12 21:50 |
--   di      | entry  | north   | in        | 2026-02-12 21:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to
--   gate    | HQ   | entrance | street    | house
--   room    | HQ   | office   | house     | office-e
--   north   | N    | entrance |           |
-- hosts:
--   host | owner | zone     | kind
--   pc-e | eve   | office-e | workstation
-- expect:
--   account | host | day        | person | uses | away             | candidates
--   eve     | pc-e | 2026-02-12 | eve    |    3 | read out at gate | ana, gi, eve
-- ///

-- /// fires: an account at work during leave, and another whose person is elsewhere
-- access:
--   user_id | action | host | logon_type | local_ts
--   eve     | logon  | pc-e | 2          | 2026-02-12 11:00
--   fe      | unlock | pc-f | 7          | 2026-02-12 11:00
-- badge:
--   user_id | action | door_id | local_ts
--   fe      | entry  | north   | 2026-02-12 10:30
--   p1      | entry  | gate    | 2026-02-12 09:00
--   p2      | entry  | gate    | 2026-02-12 09:00
--   p3      | entry  | gate    | 2026-02-12 09:00
--   p4      | entry  | gate    | 2026-02-12 09:00
--   p5      | entry  | gate    | 2026-02-12 09:00
--   p6      | entry  | gate    | 2026-02-12 09:00
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | HQ   | entrance | house
--   north   | N    | entrance | north-house
-- hosts:
--   host | zone  | kind
--   pc-e | house | workstation
--   pc-f | house | workstation
-- absences:
--   user_id | from       | to
--   eve     | 2026-02-12 | 2026-02-14
-- expect:
--   account | host | away     | candidates
--   eve     | pc-e | on leave | eve
--   fe      | pc-f | at N     | fe
-- ///

-- /// fires: a drive plugged into the desk of somebody who is out
-- usb:
--   user_id | account | action | host | outcome | device_class | local_ts
--   eve     | eve     | write  | pc-e |         |              | 2026-02-12 22:10
--   eve     | desk    | write  | pc-e |         |              | 2026-02-12 22:10
--   fe      | fe      | write  | pc-e | failure |              | 2026-02-12 22:10
--   fe      | fe      | read   | pc-e |         |              | 2026-02-12 22:10
--   fe      | fe      | write  | pc-e |         | hid          | 2026-02-12 22:10
-- accounts:
--   account | user_id | kind
--   desk    | eve     | shared
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   eve     | exit   | gate    | out       | 2026-01-05 18:00 |   39
--   fe      | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   fe      | exit   | gate    | out       | 2026-01-05 18:00 |   39
-- doors:
--   door_id | kind     | zone_from | zone_to
--   gate    | entrance | street    | house
-- hosts:
--   host | zone  | kind
--   pc-e | house | workstation
-- expect:
--   account | host
--   eve     | pc-e
-- ///

-- /// silent: read out of one site, at work in the evening at the desk at another
-- access:
--   user_id | action | host | local_ts
--   eve     | logon  | pc-e | 2026-03-04 19:30
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-02-01 08:00 |   37
--   bo      | exit   | gate    | out       | 2026-02-01 17:00 |   37
--   eve     | entry  | gate    | in        | 2026-03-03 09:00 |
--   eve     | exit   | gate    | out       | 2026-03-03 11:00 |
-- doors:
--   door_id | site | kind     | zone_to
--   gate    | A    | entrance | house
--   boss    | B    | office   | room
-- hosts:
--   host | owner | zone | kind
--   pc-e | eve   | room | workstation
-- ///

-- /// silent: a zone name that two sites use: at which of them is the host?
-- access:
--   user_id | action | host | local_ts
--   bea     | logon  | pc-b | 2026-03-03 10:00
-- badge:
--   user_id | action | door_id | local_ts
--   ana     | entry  | gate-a  | 2026-03-03 08:00
--   bea     | entry  | gate-b  | 2026-03-03 08:00
-- doors:
--   door_id | site | kind     | zone_to
--   gate-a  | A    | entrance | lobby
--   gate-b  | B    | entrance | lobby
-- hosts:
--   host | owner | zone  | kind
--   pc-b | bea   | lobby | workstation
-- ///

-- /// fires: doors.csv without sites, all reads of one: who is inside is known
-- access:
--   user_id | action | host | local_ts
--   eve     | logon  | pc-e | 2026-03-09 21:00
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-02-01 08:00 |   37
--   bo      | exit   | gate    | out       | 2026-02-01 17:00 |   37
--   eve     | entry  | gate    | in        | 2026-03-09 08:00 |
--   eve     | exit   | gate    | out       | 2026-03-09 16:00 |
--   zed     | entry  | gate    | in        | 2026-03-09 20:00 |
-- doors:
--   door_id | kind     | zone_to
--   gate    | entrance | house
-- hosts:
--   host | owner | zone  | kind
--   pc-e | eve   | house | workstation
-- expect:
--   account | candidates
--   eve     | zed, eve
-- ///

-- /// silent: came in behind a colleague, unread, and works at the own desk
-- access:
--   user_id | action | host  | local_ts
--   bo      | logon  | pc-b  | 2026-02-12 08:40
--   bo      | unlock | pc-b  | 2026-02-12 22:30
--   ca      | logon  | pc-b  | 2026-02-12 07:00
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-01-05 08:30 |   38
--   bo      | exit   | gate    | out       | 2026-01-05 18:00 |   38
--   ca      | entry  | gate    | in        | 2026-01-05 08:30 |   38
--   ca      | exit   | gate    | out       | 2026-01-05 18:00 |   38
--   di      | entry  | gate    | in        | 2026-02-12 08:40 |
-- doors:
--   door_id | kind     | zone_from | zone_to
--   gate    | entrance | street    | house
-- hosts:
--   host | zone  | kind
--   pc-b | house | workstation
-- ///

-- /// silent: an evening at home: laptop, remote session, and a batch that logs on
-- access:
--   user_id | account | action | host  | logon_type | outcome | local_ts
--   cy      | cy      | logon  | lt-c  | 2          |         | 2026-02-12 22:00
--   cy      | cy      | logon  | pc-c  | 10         |         | 2026-02-12 22:05
--   cy      | cy      | logon  | pc-x  | 2          |         | 2026-02-12 22:05
--   cy      | cy      | logon  | pc-c  | 2          | failure | 2026-02-12 22:06
--   cy      | cy      | view   | pc-c  |            |         | 2026-02-12 22:07
--   cy      | svc-c   | logon  | pc-c  | 2          |         | 2026-02-12 22:08
--   cy      | desk    | logon  | pc-c  | 2          |         | 2026-02-12 22:09
-- usb:
--   user_id | action | host  | local_ts
--   cy      | write  | lt-c  | 2026-02-12 22:01
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   cy      | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   cy      | exit   | gate    | out       | 2026-01-05 18:00 |   39
-- doors:
--   door_id | kind     | zone_from | zone_to
--   gate    | entrance | street    | house
-- hosts:
--   host  | zone  | kind
--   lt-c  | house | laptop
--   pc-c  | house | workstation
--   pc-x  |       | workstation
-- accounts:
--   account | user_id | kind
--   svc-c   | cy      | service
--   desk    | cy      | shared
-- ///

-- /// silent: late work, the last key struck as the door clock says gone
-- access:
--   user_id | action | host | local_ts
--   di      | unlock | pc-d | 2026-02-12 21:05
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   di      | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   di      | exit   | gate    | out       | 2026-01-05 21:00 |   39
-- doors:
--   door_id | kind     | zone_from | zone_to
--   gate    | entrance | street    | house
-- hosts:
--   host | zone  | kind
--   pc-d | house | workstation
-- ///

-- /// silent: late work by somebody who never left, or forgot the card on the way out
-- access:
--   user_id | action | host | local_ts
--   ed      | unlock | pc-d | 2026-02-12 21:00
--   ed      | unlock | pc-d | 2026-02-13 21:00
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   fe      | entry  | gate    | in        | 2026-01-05 08:30 |   39
--   fe      | exit   | gate    | out       | 2026-01-05 18:00 |   39
--   ed      | entry  | gate    | in        | 2026-02-12 08:30 |
-- doors:
--   door_id | kind     | zone_from | zone_to
--   gate    | entrance | street    | house
-- hosts:
--   host | zone  | kind
--   pc-d | house | workstation
-- ///
