-- /// detector
-- title = "A door opened without a card: forced, held, or by a key"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "itm.pr009"]
-- lookback = "7d"
-- about = ["door_id"]
-- says = """\
-- {door_id} (owner {room_owner}) opened without a card at {first_at} ({how}, in all \
-- {times}); inside by card: {inside}"""
-- description = """
-- A sensor saw the door move, and nothing let anybody through. At night that is a key
-- in the wrong hands more often than a fault; who was inside by card is a candidate. A
-- door that keeps doing so is a matter for maintenance, many doors at once are a
-- muster: one finding each, about nobody.
-- """
-- falsepositives = [
--   "a guard or a technician with a key",
--   "a door on a schedule that the controller does not log",
-- ]
-- blindspots = [
--   "doors without a sensor, without a reader, or off line",
--   "the own key of an owner, or of anybody in office hours",
--   "who came in behind somebody else, or left so: then the wrong people are inside",
-- ]
-- needs = ["badge.door_opened", "doors.contact", "doors.rex", "doors.offline"]
-- triage = """
-- Who holds keys to that door, and who was read at the entrance that night? Secure the
-- recordings of the way there. Have the lock looked at, and the room searched.
-- """
-- ///

-- Doors that tell an opening from inside, and whose reader speaks at once.
WITH sensed AS (
    SELECT
        door_id,
        site,
        zone_to,
        owner,
        coalesce(sensitive, FALSE) AS sensitive
    FROM doors
    WHERE contact AND (rex OR out_reader) AND offline IS NOT TRUE
),

moves AS (
    SELECT
        badge.event,
        badge.door_id,
        badge.action,
        badge.ts,
        badge.local_ts,
        badge.day,
        sensed.zone_to,
        sensed.owner,
        coalesce(sensed.site, badge.site, '') AS site
    FROM badge
    INNER JOIN sensed
        ON badge.door_id = sensed.door_id
    WHERE
        badge.action = 'forced'
        OR (
            badge.off_hours
            AND (
                badge.action IN ('door_opened', 'key_override')
                OR (badge.action = 'held_open' AND sensed.sensitive)
            )
        )
),

-- What lets somebody through.
releases AS (
    SELECT
        door_id,
        ts
    FROM badge
    WHERE
        outcome <> 'failure'
        AND action IN ('entry', 'exit', 'granted', 'request_to_exit', 'unlocked')
),

unread AS (
    SELECT moves.*
    FROM moves
    ASOF LEFT JOIN releases
        ON moves.door_id = releases.door_id AND moves.ts >= releases.ts
    WHERE
        moves.action <> 'door_opened'
        OR releases.ts IS NULL
        OR epoch(moves.ts) - epoch(releases.ts)
        -- A hand on the handle takes no longer.
        > knob('seconds_to_open', 10)
),

-- The owner who works late opens with the own key.
strange AS (
    SELECT *
    FROM unread
    WHERE
        action = 'forced'
        OR NOT EXISTS (
            SELECT 1
            FROM whereabouts
            WHERE
                unread.owner = whereabouts.user_id
                -- equivalent: on other days the same spans stand again
                AND unread.day = whereabouts.day
                AND unread.site = whereabouts.site
                AND unread.ts >= whereabouts.since
                AND unread.ts < whereabouts.until
                AND whereabouts.state = 'in'
        )
),

musters AS (
    SELECT
        *,
        count(DISTINCT door_id) OVER (
            PARTITION BY site, day
            ORDER BY ts
            RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND INTERVAL 5 MINUTES FOLLOWING
        ) >= knob('muster_doors', 10) AS muster  -- a fire drill opens them all
    FROM strange
),

openings AS (
    SELECT
        * EXCLUDE (door_id),
        CASE WHEN muster THEN 'site ' || site ELSE door_id END AS door_id
    FROM musters
),

weeks AS (
    SELECT
        *,
        count(*) OVER week >= knob('faulty_in_week', 5) AS faulty,  -- one a workday
        count(*) OVER last_week >= knob('faulty_in_week', 5) AS known_fault
    FROM openings
    WINDOW
        week AS (
            PARTITION BY door_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW
        ),
        last_week AS (
            PARTITION BY door_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
        )
),

-- People inside by card, in the same building where doors tell it.
occupants AS (
    SELECT
        weeks.door_id,
        weeks.day,
        list(DISTINCT whereabouts.user_id ORDER BY whereabouts.user_id) AS people
    FROM weeks
    INNER JOIN whereabouts
        ON
            weeks.day = whereabouts.day
            AND weeks.site = whereabouts.site
            AND weeks.ts >= whereabouts.since
            AND weeks.ts < whereabouts.until
            AND whereabouts.state = 'in'
    LEFT JOIN zones AS around_door
        ON weeks.zone_to = around_door.zone
    LEFT JOIN zones AS around_person
        ON
            whereabouts.zone = around_person.zone
            AND around_door.within = around_person.within
    WHERE
        around_person.zone IS NOT NULL
        OR weeks.zone_to IS NULL
        OR whereabouts.zone IS NULL
    GROUP BY weeks.door_id, weeks.day
),

nights AS (
    SELECT
        door_id,
        day,
        any_value(owner) AS room_owner,
        bool_or(muster) AS muster,
        bool_or(faulty) AS faulty,
        bool_or(known_fault) AS known_fault,
        min(local_ts) AS first_at,
        count(*) AS times,
        string_agg(DISTINCT action, ', ' ORDER BY action) AS actions,
        list(DISTINCT event ORDER BY event) AS events
    FROM weeks
    GROUP BY door_id, day
)

SELECT
    nights.door_id,
    nights.day,
    nights.first_at,
    nights.times,
    nights.events,
    CASE WHEN NOT nights.muster THEN nights.room_owner END AS room_owner,
    CASE
        WHEN nights.muster THEN 'muster'
        WHEN nights.faulty THEN 'maintenance'
        ELSE nights.actions
    END AS how,
    coalesce(len(occupants.people), 0) AS inside,
    CASE
        WHEN
            -- More are a working evening, and no list of suspects.
            len(occupants.people) <= knob('max_inside', 5)
            AND NOT nights.faulty
            THEN occupants.people
    END AS candidates,
    CASE WHEN nights.faulty THEN 0 END AS surprise
FROM nights
LEFT JOIN occupants
    ON nights.door_id = occupants.door_id AND nights.day = occupants.day
-- A loose contact is said once, on the day on which it is one.
WHERE nights.muster OR NOT (nights.faulty AND nights.known_fault);

-- /// fires: an office opened by a copied key, while a man is inside by card
-- badge:
--   user_id | action      | door_id | direction | local_ts            | days
--   ana     | entry       | gate    | in        | 2026-02-12 22:00    |
--   ana     | exit        | gate    | out       | 2026-02-12 23:00    |
--   cy      | entry       | gate    | in        | 2026-01-05 17:00    |   39
--   cy      | exit        | gate    | out       | 2026-01-05 18:30    |   39
--   di      | entry       | annex   | in        | 2026-02-12 21:00    |
--   eve     | entry       | gate    | in        | 2026-01-05 09:00    |   39
--   eve     | exit        | gate    | out       | 2026-01-05 18:30    |   39
--   eve     | entry       | gate    | in        | 2026-02-12 22:30    |
--   fe      | entry       | north   | in        | 2026-02-12 21:00    |
--   hu      | entry       | gate    | in        | 2026-02-12 22:10    |
--           | door_opened | boss    |           | 2026-02-11 18:30    |
--           | door_opened | boss    |           | 2026-02-12 22:10:00 |
--           | door_opened | next    |           | 2026-02-12 22:12:00 |
-- doors:
--   door_id | site | kind     | zone_from | zone_to | owner | contact | rex  | offline
--   gate    | HQ   | entrance | street    | house   |       |         |      |
--   annex   | HQ   | entrance | street    | shed    |       |         |      |
--   north   | N    | entrance |           |         |       |         |      |
--   boss    | HQ   | office   | house     | room    | eve   | true    | true | false
--   next    | HQ   | office   | house     | room2   | fe    | true    | true | false
-- expect:
--   door_id | day        | times | how         | candidates
--   boss    | 2026-02-11 |     1 | door_opened | null
--   boss    | 2026-02-12 |     1 | door_opened | ana, hu
--   next    | 2026-02-12 |     1 | door_opened | ana, hu
-- ///

-- /// fires: a door forced in office hours, one held open at night, a master key used
-- badge:
--   user_id | action       | door_id | local_ts
--           | forced       | back    | 2026-02-12 11:00
--   eve     | entry        | vault   | 2026-02-12 21:59:55
--           | held_open    | vault   | 2026-02-12 22:00
--           | key_override | store   | 2026-02-12 22:00
--   eve     | entry        | back    | 2026-02-12 10:00
-- doors:
--   door_id | owner | contact | rex   | out_reader | offline | sensitive | zone_to
--   back    | eve   | true    | true  |            | false   |           | yard
--   vault   |       | true    | true  |            | false   | true      | yard
--   store   |       | true    | false | true       |         |           |
-- expect:
--   door_id | how          | candidates
--   back    | forced       | eve
--   vault   | held_open    | eve
--   store   | key_override | eve
-- ///

-- /// fires: an opening long after the last read, while half the house is in
-- badge:
--   user_id | action          | door_id | outcome | local_ts
--   ana     | entry           | gate    |         | 2026-02-12 09:00
--   bo      | entry           | gate    |         | 2026-02-12 09:00
--   cy      | entry           | gate    |         | 2026-02-12 09:00
--   di      | entry           | gate    |         | 2026-02-12 09:00
--   ed      | entry           | gate    |         | 2026-02-12 09:00
--   fe      | entry           | gate    |         | 2026-02-12 09:00
--           | request_to_exit | boss    |         | 2026-02-12 18:59:00
--   ed      | denied          | boss    | failure | 2026-02-12 18:59:55
--   ed      | entry           | boss    | failure | 2026-02-12 18:59:56
--   ed      | entry           | lab     |         | 2026-02-12 18:59:57
--           | door_opened     | boss    |         | 2026-02-12 19:00:00
-- doors:
--   door_id | owner | contact | rex  | offline | zone_to
--   boss    | eve   | true    | true | false   | room
-- expect:
--   door_id | inside | candidates
--   boss    |      6 | null
-- ///

-- /// fires: a rattling door, once, and not on the days after
-- badge:
--   user_id | action      | door_id | local_ts         | days | rows
--           | door_opened | boss    | 2026-02-02 03:00 |    9 |
--           | door_opened | store   | 2026-02-02 03:00 |      | 5
--           | door_opened | store   | 2026-02-09 03:00 |      |
--   hu      | entry       | gate    | 2026-02-06 02:00 |      |
-- doors:
--   door_id | contact | rex  | offline
--   boss    | true    | true | false
--   store   | true    | true | false
-- expect:
--   door_id | day        | how         | candidates
--   boss    | 2026-02-01 | door_opened | null
--   boss    | 2026-02-02 | door_opened | null
--   boss    | 2026-02-03 | door_opened | null
--   boss    | 2026-02-04 | door_opened | null
--   boss    | 2026-02-05 | maintenance | null
--   store   | 2026-02-01 | maintenance | null
--   store   | 2026-02-08 | door_opened | null
-- ///

-- /// fires: fire drills on two evenings, once each for the site
-- badge:
--   action      | door_id | local_ts            | days
--   door_opened | d1      | 2026-02-02 19:00:00 |    2
--   door_opened | d2      | 2026-02-02 19:00:10 |    2
--   door_opened | d3      | 2026-02-02 19:00:20 |    2
--   door_opened | d4      | 2026-02-02 19:00:30 |    2
--   door_opened | d5      | 2026-02-02 19:00:40 |    2
--   door_opened | d6      | 2026-02-02 19:00:50 |    2
--   door_opened | d7      | 2026-02-02 19:01:00 |    2
--   door_opened | d8      | 2026-02-02 19:01:10 |    2
--   door_opened | d9      | 2026-02-02 19:01:20 |    2
--   forced      | d10     | 2026-02-02 19:01:30 |    2
-- doors:
--   door_id | contact | rex  | offline | owner
--   d1      | true    | true | false   | eve
--   d2      | true    | true | false
--   d3      | true    | true | false
--   d4      | true    | true | false
--   d5      | true    | true | false
--   d6      | true    | true | false
--   d7      | true    | true | false
--   d8      | true    | true | false
--   d9      | true    | true | false
--   d10     | true    | true | false
-- expect:
--   door_id | day        | times | how    | room_owner | candidates
--   site HQ | 2026-02-02 |    10 | muster | null       | null
--   site HQ | 2026-02-03 |    10 | muster | null       | null
-- ///

-- /// silent: reads, the button inside, and a release by the porter
-- badge:
--   user_id | action          | door_id | local_ts
--   bo      | entry           | boss    | 2026-02-12 22:00:00
--           | door_opened     | boss    | 2026-02-12 22:00:10
--           | request_to_exit | boss    | 2026-02-12 22:10:00
--           | door_opened     | boss    | 2026-02-12 22:10:00
--           | unlocked        | boss    | 2026-02-12 22:20:00
--           | door_opened     | boss    | 2026-02-12 22:20:05
--           | held_open       | boss    | 2026-02-12 22:21:00
-- doors:
--   door_id | contact | rex  | offline
--   boss    | true    | true | false
-- ///

-- /// silent: the owner's own key, in office hours and late, read at the entrance
-- badge:
--   user_id | action       | door_id | local_ts
--   eve     | entry        | gate    | 2026-02-12 14:00
--   eve     | entry        | gate    | 2026-02-13 20:00
--           | door_opened  | boss    | 2026-02-13 20:00
--           | door_opened  | boss    | 2026-02-12 11:00
--           | key_override | boss    | 2026-02-12 11:00
--           | held_open    | boss    | 2026-02-12 11:01
--           | door_opened  | boss    | 2026-02-12 20:00
-- doors:
--   door_id | owner | contact | rex  | offline | sensitive
--   boss    | eve   | true    | true | false   | true
-- ///

-- /// fires: the owner's own key all week, and on Saturday a stranger's
-- badge:
--   user_id | action      | door_id | direction | local_ts         | workdays
--   eve     | entry       | gate    | in        | 2026-03-02 08:00 |        5
--   hu      | entry       | gate    | in        | 2026-03-07 20:00 |
--           | door_opened | boss    |           | 2026-03-02 21:00 |        5
--           | door_opened | boss    |           | 2026-03-07 23:00 |
-- doors:
--   door_id | site | kind     | zone_to | owner | contact | rex  | offline
--   gate    | HQ   | entrance | house   |       | true    | true | false
--   boss    | HQ   | office   |         | eve   | true    | true | false
-- expect:
--   door_id | day        | how         | candidates
--   boss    | 2026-03-07 | door_opened | hu
-- ///

-- /// fires: ten doors forced about five in the morning, where one day ends: no muster
-- badge:
--   action | door_id | local_ts
--   forced | d1      | 2026-03-10 04:58
--   forced | d2      | 2026-03-10 04:58
--   forced | d3      | 2026-03-10 04:58
--   forced | d4      | 2026-03-10 04:58
--   forced | d5      | 2026-03-10 04:58
--   forced | d6      | 2026-03-10 05:01
--   forced | d7      | 2026-03-10 05:01
--   forced | d8      | 2026-03-10 05:01
--   forced | d9      | 2026-03-10 05:01
--   forced | d10     | 2026-03-10 05:01
-- doors:
--   door_id | contact | rex  | offline
--   d1      | true    | true | false
--   d2      | true    | true | false
--   d3      | true    | true | false
--   d4      | true    | true | false
--   d5      | true    | true | false
--   d6      | true    | true | false
--   d7      | true    | true | false
--   d8      | true    | true | false
--   d9      | true    | true | false
--   d10     | true    | true | false
-- expect:
--   door_id | day        | how
--   d1      | 2026-03-09 | forced
--   d2      | 2026-03-09 | forced
--   d3      | 2026-03-09 | forced
--   d4      | 2026-03-09 | forced
--   d5      | 2026-03-09 | forced
--   d6      | 2026-03-10 | forced
--   d7      | 2026-03-10 | forced
--   d8      | 2026-03-10 | forced
--   d9      | 2026-03-10 | forced
--   d10     | 2026-03-10 | forced
-- ///

-- /// silent: doors that cannot tell: no sensor, no button inside, off line
-- badge:
--   action      | door_id | local_ts
--   door_opened | d1      | 2026-02-12 22:00
--   door_opened | d2      | 2026-02-12 22:00
--   door_opened | d3      | 2026-02-12 22:00
-- doors:
--   door_id | contact | rex   | offline
--   d1      | false   | true  | false
--   d2      | true    | false | false
--   d3      | true    | true  | true
-- ///
