-- /// detector
-- title = "Read out of a place off hours without having been read in"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "itm.pr009"]
-- lookback = "35d"
-- about = ["user_id", "door_id"]
-- says = """\
-- {user_id} was read out of {place} at {first_at} through {door_id} and had not been \
-- read in (before: {last_seen}); the like in 30 days: {times}"""
-- description = """
-- Who follows somebody through a door, or has a key, is in and nobody knows. In the
-- morning that is a queue at the gate, and no finding; off hours there is no queue.
-- In a sensitive room it counts at any hour, from the second time in 30 days on.
-- It is asked only where hardly anybody leaves without having been read in.
-- """
-- falsepositives = [
--   "a whole day's work after a door that somebody held in the morning",
--   "a reader on the way in that failed, a muster",
-- ]
-- blindspots = [
--   "places without a reader on the way out",
--   "who leaves unread, too (see door_opened_without_badge)",
--   "in own hours, doors of rooms that are not sensitive",
-- ]
-- needs = ["badge.exit", "doors.kind"]
-- triage = """
-- When did that person come, and behind whom? Look at the recordings of the way in, at
-- hosts there in the hours before, and whether a key is missing. Secure the recordings
-- before you ask who held the door.
-- """
-- ///

WITH reads AS (
    SELECT
        badge.event,
        badge.user_id,
        badge.door_id,
        badge.ts,
        badge.local_ts,
        badge.day,
        badge.off_minutes,
        doors.sensitive,
        -- Through any gate, one is in the same site.
        CASE
            WHEN doors.kind IN ('building', 'entrance', 'gate', 'turnstile')
                THEN 'site ' || coalesce(doors.site, badge.site)
            ELSE doors.zone_to
        END AS place,
        badge.action = 'exit' OR badge.direction = 'out' AS goes
    FROM badge
    INNER JOIN doors
        ON badge.door_id = doors.door_id
    WHERE
        badge.action IN ('entry', 'exit', 'granted')
        -- A button by the door reads nobody.
        AND badge.badge_id IS NOT NULL
        AND badge.outcome <> 'failure'
),

pairs AS (
    SELECT
        *,
        lag(goes) OVER earlier AS gone_before,
        lag(ts) OVER earlier AS ts_before,
        lag(local_ts) OVER earlier AS local_before,
        lag(day) OVER earlier AS day_before
    FROM reads
    WHERE place IS NOT NULL
    WINDOW earlier AS (
        PARTITION BY user_id, place
        ORDER BY ts, event
    )
),

exits AS (
    SELECT
        *,
        -- Whoever came in days ago has left since, unread.
        coalesce(gone_before OR day_before < day - 3, TRUE) AS unread
    FROM pairs
    WHERE
        goes
        AND (
            gone_before IS DISTINCT FROM TRUE
            -- A card that is held up twice leaves once.
            OR epoch(ts) - epoch(ts_before) > 60 * knob('minutes_held_twice', 2)
        )
),

judged AS (
    SELECT
        *,
        count(*) OVER month_there AS exits_there,
        count(*) FILTER (WHERE unread) OVER month_there AS unread_there,
        count(*) FILTER (WHERE unread) OVER own_month AS times
    FROM exits
    WINDOW
        month_there AS (
            PARTITION BY place
            ORDER BY day
            RANGE BETWEEN INTERVAL 29 DAYS PRECEDING AND CURRENT ROW
        ),
        own_month AS (
            PARTITION BY user_id, place
            ORDER BY day
            RANGE BETWEEN INTERVAL 29 DAYS PRECEDING AND CURRENT ROW
        )
)

SELECT
    user_id,
    door_id,
    day,
    place,
    max(times) AS times,
    min(local_ts) AS first_at,
    min_by(
        CASE
            -- What lies further back, another night's view may not hold.
            WHEN day_before >= day - 35
                THEN
                    CASE WHEN gone_before THEN 'read out at ' ELSE 'read in at ' END
                    || strftime(local_before, '%Y-%m-%d %H:%M')
            ELSE 'not seen'
        END,
        (ts, event)
    ) AS last_seen,
    list(event ORDER BY event) AS events
FROM judged
WHERE
    unread
    -- Fewer tell nothing of the habits of a place.
    AND exits_there >= knob('min_exits', 20)
    -- Elsewhere people follow one another in, and reads mean little.
    AND unread_there <= knob('max_share_unread', 0.1) * exits_there
    AND (
        -- Further off than who leaves a little late.
        off_minutes >= knob('minutes_off_hours', 60)
        -- Once is a courtesy at the door.
        OR (sensitive AND times >= knob('times_in_sensitive', 2))
    )
GROUP BY user_id, door_id, day, place;

-- /// fires: at ten in the evening, hours after having gone home through another gate
-- badge:
--   user_id | action  | door_id | direction | local_ts         | days
--   bo      | entry   | gate    | in        | 2026-01-26 08:30 |   10
--   di      | entry   | gate    | in        | 2026-01-26 08:30 |   10
--   bo      | exit    | gate    | out       | 2026-01-26 17:30 |   10
--   di      | exit    | gate    | out       | 2026-01-26 17:30 |   10
--   ana     | entry   | yard    | in        | 2026-02-05 08:30 |
--   ana     | granted | yard    | out       | 2026-02-05 17:30 |
--   ana     | granted | gate    | out       | 2026-02-05 22:10 |
--   ana     | exit    | gate    | out       | 2026-02-05 22:13 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
-- expect:
--   user_id | door_id | place   | day        | times | last_seen
--   ana     | gate    | site HQ | 2026-02-05 |     2 | read out at 2026-02-05 17:30
-- ///

-- /// fires: the second time in a month in the server room, at eleven
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | srv     | in        | 2026-01-12 08:30 |   17
--   bo      | exit   | srv     | out       | 2026-01-12 17:30 |   17
--   cy      | entry  | srv     | in        | 2026-01-20 10:00 |
--   cy      | exit   | srv     | out       | 2026-01-23 22:00 |
--   ana     | exit   | srv     | out       | 2026-01-12 11:00 |
--   ana     | entry  | srv     | in        | 2026-02-02 11:00 |
--   ana     | exit   | srv     | out       | 2026-02-06 11:00 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
-- expect:
--   user_id | door_id | place | day        | times | last_seen
--   ana     | srv     | srv   | 2026-02-06 |     2 | read in at 2026-02-02 11:00
-- ///

-- /// silent: who came behind the queue in the morning, and left, if a little late
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-01-26 08:30 |   10
--   di      | entry  | gate    | in        | 2026-01-26 08:30 |   10
--   bo      | exit   | gate    | out       | 2026-01-26 17:30 |   10
--   di      | exit   | gate    | out       | 2026-01-26 17:30 |   10
--   bo      | entry  | lab     | in        | 2026-01-26 08:35 |   10
--   di      | entry  | lab     | in        | 2026-01-26 08:35 |   10
--   bo      | exit   | lab     | out       | 2026-01-26 17:25 |   10
--   di      | exit   | lab     | out       | 2026-01-26 17:25 |   10
--   ana     | exit   | gate    | out       | 2026-02-04 17:30 |
--   ana     | exit   | lab     | out       | 2026-02-04 17:20 |
--   ana     | exit   | lab     | out       | 2026-02-05 17:20 |
--   ana     | exit   | gate    | out       | 2026-02-05 18:50 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
-- ///

-- /// silent: once in the server room, a night worker who goes home in the morning
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | srv     | in        | 2026-01-26 08:30 |   10
--   di      | entry  | srv     | in        | 2026-01-26 08:30 |   10
--   bo      | exit   | srv     | out       | 2026-01-26 17:30 |   10
--   di      | exit   | srv     | out       | 2026-01-26 17:30 |   10
--   bo      | entry  | gate    | in        | 2026-01-26 08:20 |   10
--   di      | entry  | gate    | in        | 2026-01-26 08:20 |   10
--   bo      | exit   | gate    | out       | 2026-01-26 17:40 |   10
--   di      | exit   | gate    | out       | 2026-01-26 17:40 |   10
--   ana     | exit   | srv     | out       | 2026-02-05 11:00 |
--   ni      | exit   | gate    | out       | 2026-02-05 06:30 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
-- shifts:
--   user_id | weekday | start | end
--   ni      | wed     | 22:00 | 06:00
-- ///

-- /// silent: a late evening: a card held up twice, refused, and a room nobody named
-- badge:
--   user_id | action | door_id | direction | outcome | local_ts         | days
--   bo      | entry  | gate    | in        | success | 2026-01-26 08:30 |   10
--   di      | entry  | gate    | in        | success | 2026-01-26 08:30 |   10
--   bo      | exit   | gate    | out       | success | 2026-01-26 17:30 |   10
--   di      | exit   | gate    | out       | success | 2026-01-26 17:30 |   10
--   bo      | entry  | old     | in        | success | 2026-01-26 08:30 |   10
--   di      | entry  | old     | in        | success | 2026-01-26 08:30 |   10
--   bo      | exit   | old     | out       | success | 2026-01-26 17:30 |   10
--   di      | exit   | old     | out       | success | 2026-01-26 17:30 |   10
--   ana     | entry  | gate    | in        | success | 2026-02-05 08:30 |
--   ana     | exit   | gate    | out       | success | 2026-02-05 22:00 |
--   ana     | exit   | gate    | out       | success | 2026-02-05 22:02 |
--   ana     | exit   | gate    | out       | failure | 2026-02-05 22:30 |
--   ana     | denied | gate    | out       | unknown | 2026-02-05 22:40 |
--   ana     | exit   | old     | out       | success | 2026-02-05 21:55 |
--   ana     | entry  | new     | in        | success | 2026-02-05 21:55 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
--   old     | HQ   | room     |         |
-- ///

-- /// silent: where one in ten comes in unread, and where hardly anybody is read
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   bo      | entry  | gate    | in        | 2026-01-26 08:30 |   10
--   di      | entry  | gate    | in        | 2026-01-26 08:30 |   10
--   bo      | exit   | gate    | out       | 2026-01-26 17:30 |   10
--   di      | exit   | gate    | out       | 2026-01-26 17:30 |   10
--   cy      | exit   | gate    | out       | 2026-01-28 17:30 |    2
--   ana     | exit   | gate    | out       | 2026-02-05 22:10 |
--   bo      | entry  | lab     | in        | 2026-01-26 08:30 |   10
--   bo      | exit   | lab     | out       | 2026-01-26 17:30 |   10
--   di      | entry  | lab     | in        | 2026-01-26 08:30 |    8
--   di      | exit   | lab     | out       | 2026-01-26 17:30 |    8
--   ana     | exit   | lab     | out       | 2026-02-05 22:00 |
-- doors:
--   door_id | site | kind     | zone_to | sensitive
--   gate    | HQ   | entrance | house   |
--   yard    | HQ   | gate     | yard    |
--   lab     | HQ   | room     | lab     |
--   srv     | HQ   | server   | srv     | true
-- ///

-- /// silent: a button by the door, which reads no card
-- badge:
--   badge_id | action | direction | door_id | local_ts         | days
--   c-1      | entry  | in        | main    | 2026-01-05 09:00 | 30
--   c-1      | exit   | out       | main    | 2026-01-05 17:00 | 30
--   null     | exit   | out       | main    | 2026-02-02 23:00 |
-- doors:
--   door_id | kind     | zone_to
--   main    | building | house
-- ///

-- /// fires: whoever was read in five weeks ago and then out, and one a day longer ago
-- badge:
--   user_id | action | direction | door_id | local_ts         | days
--   ana     | entry  | in        | main    | 2026-01-05 09:00 | 40
--   ana     | exit   | out       | main    | 2026-01-05 17:00 | 40
--   bo      | entry  | in        | main    | 2026-01-05 09:00 |
--   bo      | exit   | out       | main    | 2026-02-10 23:00 |
--   cy      | entry  | in        | main    | 2026-01-06 09:00 |
--   cy      | exit   | out       | main    | 2026-02-10 23:00 |
-- doors:
--   door_id | kind     | zone_to
--   main    | building | house
-- expect:
--   user_id | day        | last_seen
--   bo      | 2026-02-10 | not seen
--   cy      | 2026-02-10 | read in at 2026-01-06 09:00
-- ///
