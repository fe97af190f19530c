-- /// detector
-- title = "First entry to a room where hardly anybody goes, outside the own set"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "itm.pr009"]
-- lookback = "0d"
-- about = ["user_id", "door_id"]
-- says = """\
-- {user_id} entered {door_id} (owner {owner}) at {first_at}, for the first time in \
-- {n_days} active days; others ever there: {peers}; outside own hours: {off_hours}"""
-- description = """
-- Most systems look at refused doors. Whoever holds a right that was never used, or a
-- borrowed card, is let in. It counts where few ever go, and off-hours, or where the
-- room is another's or sensitive; in office hours not while its owner is there, nor in
-- the office of the own team.
-- """
-- falsepositives = ["a move, a new project room", "cover for an absent colleague"]
-- blindspots = [
--   "a key turned in a door without a sensor, or a door held open for the next person",
--   "rooms without a reader of their own",
--   "people who went there before the logs began",
--   "the own team's offices in office hours (see entry_while_owner_away)",
-- ]
-- needs = ["doors.kind"]
-- triage = """
-- Who else was in that zone, and what happened on hosts of that room in the next hour?
-- Is there a picture of the door? Do not ask the owner before the recording is safe.
-- """
-- ///

WITH rooms AS (
    SELECT
        door_id,
        owner,
        coalesce(sensitive, FALSE) AS sensitive
    FROM doors
    -- What everybody passes is no room.
    WHERE
        kind NOT IN (
            'building',
            'entrance',
            'gate',
            'turnstile',
            'corridor',
            'stairs',
            'lift',
            'parking'
        )
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

firsts AS (
    SELECT
        user_id,
        value AS door_id,
        day,
        n_days,
        peers,
        surprise,
        count(*) OVER (PARTITION BY value, day) AS newcomers
    FROM seen
    WHERE kind = 'door' AND first_day = day
),

entries AS (
    SELECT
        user_id,
        door_id,
        day,
        min(local_ts) AS first_at,
        bool_or(off_hours) AS off_hours,
        array_agg(event ORDER BY ts, event) AS events
    FROM badge
    WHERE
        action IN ('entry', 'granted')
        AND outcome <> 'failure'
        AND direction <> 'out'
    GROUP BY user_id, door_id, day
)

SELECT
    firsts.user_id,
    firsts.door_id,
    firsts.day,
    entries.first_at,
    rooms.owner,
    rooms.sensitive,
    entries.off_hours,
    firsts.n_days,
    firsts.peers,
    firsts.surprise,
    entries.events
FROM firsts
INNER JOIN rooms
    ON firsts.door_id = rooms.door_id
INNER JOIN entries
    ON
        firsts.user_id = entries.user_id
        AND firsts.door_id = entries.door_id
        AND firsts.day = entries.day
LEFT JOIN entries AS owners
    ON
        rooms.owner = owners.user_id
        AND firsts.door_id = owners.door_id
        AND firsts.day = owners.day
        AND entries.first_at > owners.first_at
LEFT JOIN people AS own
    ON firsts.user_id = own.user_id
LEFT JOIN people AS keepers
    ON rooms.owner = keepers.user_id
WHERE
    firsts.n_days >= knob('min_days', 20)  -- a month of work shows the own rooms
    AND firsts.peers <= knob('max_peers', 5)  -- more, and it is a common room
    AND firsts.newcomers <= knob('max_newcomers', 3)  -- more is a meeting or a move
    AND firsts.user_id IS DISTINCT FROM rooms.owner
    AND NOT EXISTS (
        SELECT 1
        FROM everywhere
        WHERE everywhere.user_id = firsts.user_id
    )
    AND (
        entries.off_hours
        OR rooms.sensitive
        -- In office hours a visit to a person is a visit; to an empty office it is not.
        OR (
            rooms.owner IS NOT NULL
            AND owners.user_id IS NULL
            -- The office of one's own team is open to it.
            AND coalesce(own.team <> keepers.team, TRUE)
        )
    );

-- /// fires: the supervisor's office at ten in the evening
-- badge:
--   user_id | action | door_id | local_ts         | days
--   ana     | entry  | main    | 2026-01-05 09:00 |   40
--   ana     | entry  | boss    | 2026-02-13 22:00 |
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- people:
--   user_id | role
--   ana     | engineer
--   cle     | Cleaning staff
-- expect:
--   user_id | door_id | day        | off_hours
--   ana     | boss    | 2026-02-13 | true
-- ///

-- /// fires: another's office in office hours, the owner not in
-- badge:
--   user_id | action | door_id | local_ts         | days
--   ana     | entry  | main    | 2026-01-05 09:00 |   40
--   ana     | entry  | boss    | 2026-02-12 11:00 |
--   eve     | entry  | boss    | 2026-01-05 09:00 |   30
--   eve     | entry  | boss    | 2026-02-12 11:00 |
--   p1      | entry  | boss    | 2026-01-05 14:00 |   39
--   p2      | entry  | boss    | 2026-01-05 14:00 |   39
--   p3      | entry  | boss    | 2026-01-05 14:00 |   39
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | boss      | 2026-02-12 12:00
-- expect:
--   user_id | door_id | off_hours | peers
--   ana     | boss    | false     | 4
-- ///

-- /// fires: the server room in office hours, for the first time
-- badge:
--   user_id | action  | door_id | direction | outcome | local_ts         | days
--   ana     | granted | main    | in        |         | 2026-01-05 09:00 |   40
--   ana     | denied  | server  | in        |         | 2026-02-12 10:30 |
--   ana     | entry   | server  | in        | failure | 2026-02-12 10:40 |
--   ana     | entry   | server  | out       |         | 2026-02-12 10:50 |
--   ana     | granted | server  | in        |         | 2026-02-12 11:00 |
-- doors:
--   door_id | kind        | sensitive
--   main    | building    | false
--   server  | server_room | true
-- expect:
--   user_id | door_id | first_at
--   ana     | server  | 2026-02-12 11:00
-- ///

-- /// fires: a laboratory that belongs to nobody, at night
-- badge:
--   user_id | action | door_id | local_ts         | days
--   ana     | entry  | main    | 2026-01-05 09:00 |   40
--   ana     | entry  | lab     | 2026-02-12 22:00 |
-- doors:
--   door_id | kind
--   main    | building
--   lab     | laboratory
-- expect:
--   user_id | door_id | owner
--   ana     | lab     | null
-- ///

-- /// silent: a visit to a supervisor who is in
-- badge:
--   user_id | action | door_id | local_ts         | days
--   bo      | entry  | main    | 2026-01-05 09:00 |   40
--   eve     | entry  | boss    | 2026-01-05 08:30 |   40
--   bo      | entry  | boss    | 2026-02-12 11:00 |
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- ///

-- /// silent: the owner of a new office, working late
-- badge:
--   user_id | action | door_id | local_ts         | days
--   eve     | entry  | main    | 2026-01-05 09:00 |   40
--   eve     | entry  | boss    | 2026-02-12 20:00 |    3
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- ///

-- /// silent: a cleaner on a new round
-- badge:
--   user_id | action | door_id | local_ts         | days
--   cle     | entry  | main    | 2026-01-05 20:00 |   40
--   cle     | entry  | boss    | 2026-02-12 20:00 |    3
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- people:
--   user_id | role
--   cle     | Cleaning staff
-- ///

-- /// silent: the canteen, where everybody else has long been
-- badge:
--   user_id | action | door_id | local_ts         | days
--   p1      | entry  | canteen | 2026-01-05 12:00 |   30
--   p2      | entry  | canteen | 2026-01-05 12:00 |   30
--   p3      | entry  | canteen | 2026-01-06 12:00 |   30
--   p4      | entry  | canteen | 2026-01-06 12:00 |   30
--   p5      | entry  | canteen | 2026-01-07 12:00 |   30
--   p6      | entry  | canteen | 2026-01-07 12:00 |   30
--   bo      | entry  | main    | 2026-01-05 09:00 |   40
--   bo      | entry  | canteen | 2026-02-12 18:30 |
-- doors:
--   door_id | kind
--   main    | building
--   canteen | room
-- ///

-- /// silent: a meeting that takes four people to a sensitive room
-- badge:
--   user_id | action | door_id | local_ts         | days
--   p1      | entry  | main    | 2026-01-05 09:00 |   40
--   p2      | entry  | main    | 2026-01-05 09:00 |   40
--   p3      | entry  | main    | 2026-01-05 09:00 |   40
--   p4      | entry  | main    | 2026-01-05 09:00 |   40
--   p1      | entry  | vault   | 2026-02-12 14:00 |
--   p2      | entry  | vault   | 2026-02-12 14:00 |
--   p3      | entry  | vault   | 2026-02-12 14:00 |
--   p4      | entry  | vault   | 2026-02-12 14:01 |
-- doors:
--   door_id | kind     | sensitive
--   main    | building |
--   vault   | room     | true
-- ///

-- /// silent: a newcomer finding the rooms in the second week
-- badge:
--   user_id | action | door_id | local_ts         | days
--   di      | entry  | main    | 2026-03-02 09:00 |   10
--   di      | entry  | lab     | 2026-03-11 19:00 |
-- doors:
--   door_id | kind
--   main    | building
--   lab     | laboratory
-- ///

-- /// silent: the back entrance, a refused room, and a way out of one
-- badge:
--   user_id | action | door_id | direction | outcome | local_ts         | days
--   ed      | entry  | main    | in        |         | 2026-01-05 09:00 |   40
--   ed      | entry  | back    | in        |         | 2026-02-12 19:00 |
--   ed      | entry  | lab     | in        | failure | 2026-02-12 19:10 |
--   ed      | entry  | store   | out       |         | 2026-02-12 19:20 |
--   ed      | denied | lab     | in        |         | 2026-02-12 19:30 |
-- doors:
--   door_id | kind       | sensitive
--   main    | building   |
--   back    | entrance   |
--   lab     | laboratory | true
--   store   | room       | true
-- ///

-- /// silent: a laboratory without owner, in office hours
-- badge:
--   user_id | action | door_id | local_ts         | days
--   fe      | entry  | main    | 2026-01-05 09:00 |   40
--   fe      | entry  | lab     | 2026-02-12 11:00 |
-- doors:
--   door_id | kind
--   main    | building
--   lab     | laboratory
-- ///

-- /// silent: the office of the own team, in office hours, before its owner comes
-- badge:
--   user_id | action | door_id | local_ts         | days
--   bo      | entry  | main    | 2026-01-05 09:00 |   40
--   bo      | entry  | boss    | 2026-02-12 09:30 |
-- doors:
--   door_id | kind     | owner
--   main    | building |
--   boss    | office   | eve
-- people:
--   user_id | team
--   bo      | lab
--   eve     | lab
-- ///
