-- /// detector
-- title = "Again alone for minutes in others' rooms, off hours"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "itm.pr009", "itm.me013", "itm.me024.005"]
-- lookback = "20d"
-- says = """\
-- {user_id} was alone in {rooms} for {seconds} s at {first_at}, off hours; visits \
-- like this in 14 days: {times}, on {days_so} days"""
-- description = """
-- To leave a recorder, to fetch it, to photograph what lies on a desk takes minutes,
-- and two visits. One is a paper that was fetched. A visit ends with the own next read
-- anywhere else; nobody else was read at that door meanwhile, or shortly before.
-- """
-- falsepositives = [
--   "an assistant who lays out papers for the morning",
--   "lights and windows, where people and not guards see to them",
-- ]
-- blindspots = [
--   "visits without a read afterwards: nobody knows how long they were",
--   "rooms without a reader, a door held open, a key",
--   "a single visit (see first_entry_to_room and entry_while_owner_away)",
-- ]
-- needs = ["doors.kind"]
-- triage = """
-- Have those rooms searched for what was left behind, before anybody is asked: sockets,
-- adapters, the underside of tables. Secure the recordings of the corridor. Which
-- meetings were held there between the visits?
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

reads AS (
    SELECT
        event,
        user_id,
        door_id,
        ts,
        local_ts,
        day,
        off_minutes,
        action = 'exit' OR direction = 'out' AS goes,
        lead(event) OVER later AS next_event,
        lead(door_id) OVER later AS next_door,
        lead(action = 'exit' OR direction = 'out') OVER later AS next_goes,
        lead(day) OVER later AS next_day,
        epoch(lead(ts) OVER later) - epoch(ts) AS seconds
    FROM badge
    WHERE action IN ('entry', 'exit', 'granted') AND outcome <> 'failure'
    WINDOW later AS (
        PARTITION BY user_id
        ORDER BY ts, event
    )
),

entries AS (
    SELECT
        reads.*,
        count(*) OVER (
            PARTITION BY reads.user_id, reads.door_id
            ORDER BY reads.day
            RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW
        ) AS own_visits
    FROM reads
    INNER JOIN doors
        ON reads.door_id = doors.door_id
    WHERE
        NOT reads.goes
        -- An office is its owner's own.
        AND (
            doors.owner <> reads.user_id
            OR (
                doors.owner IS NULL
                AND regexp_matches(lower(doors.kind), 'meeting|conference|board')
            )
        )
),

brief AS (
    SELECT *
    FROM entries
    WHERE
        -- Further off than who leaves a little late.
        off_minutes >= knob('minutes_off_hours', 60)
        AND seconds <= 60 * knob('minutes_brief', 5)  -- no work is done in less
        -- What is read on another day, the night does not know.
        AND next_day = day
        -- A card that is held up twice is still there.
        AND (next_door <> door_id OR next_goes)
        -- Who comes each workday of a week has business there.
        AND own_visits < knob('usual_visits', 5)
        AND NOT EXISTS (
            SELECT 1
            FROM everywhere
            WHERE everywhere.user_id = entries.user_id
        )
        AND NOT EXISTS (
            SELECT 1
            FROM reads AS company
            WHERE
                entries.door_id = company.door_id
                AND entries.user_id <> company.user_id
                AND epoch(entries.ts) - epoch(company.ts)
                -- Who came in so lately may still be there.
                <= 60 * knob('minutes_of_company', 60)
                AND epoch(company.ts) - epoch(entries.ts) <= entries.seconds
        )
),

counted AS (
    SELECT
        *,
        count(*) OVER fortnight AS times,
        count(DISTINCT day) OVER fortnight AS days_so
    FROM brief
    WINDOW fortnight AS (
        PARTITION BY user_id
        ORDER BY day
        RANGE BETWEEN INTERVAL 13 DAYS PRECEDING AND CURRENT ROW
    )
)

SELECT
    user_id,
    day,
    max(times) AS times,
    max(days_so) AS days_so,
    min(local_ts) AS first_at,
    round(min_by(seconds, (ts, event)))::BIGINT AS seconds,
    string_agg(DISTINCT door_id, ', ' ORDER BY door_id) AS rooms,
    list_sort(list_distinct(list(event) || list(next_event))) AS events
FROM counted
WHERE times >= knob('min_visits', 2)  -- one to leave it, one to fetch it
GROUP BY user_id, day;

-- /// fires: four minutes in the head's room, nine days later five in another
-- badge:
--   user_id | action  | door_id | direction | local_ts
--   bo      | entry   | boss    | in        | 2026-02-03 19:59
--   ana     | entry   | boss    | in        | 2026-02-03 21:00
--   ana     | entry   | lab     | in        | 2026-02-03 21:04
--   bo      | entry   | lab     | in        | 2026-02-03 21:02
--   bo      | entry   | boss    | in        | 2026-02-03 21:05
--   ana     | entry   | meet    | in        | 2026-02-10 10:00
--   ana     | granted | meet    | in        | 2026-02-12 22:00
--   ana     | granted | meet    | out       | 2026-02-12 22:05
-- doors:
--   door_id | site | kind         | owner
--   boss    | HQ   | boardroom    | eve
--   meet    | HQ   | Meeting room |
--   lab     | HQ   | laboratory   |
-- people:
--   user_id | role
--   ana     | engineer
--   cle     | Cleaning staff
-- expect:
--   user_id | day        | times | days_so | rooms | seconds
--   ana     | 2026-02-12 |     2 |       2 | meet  |     300
-- ///

-- /// silent: once; longer; hardly late; until after five, when the day ends; refused
-- badge:
--   user_id | action | door_id | outcome | local_ts         | days
--   ana     | entry  | boss    | success | 2026-02-11 21:00 |
--   ana     | entry  | lab     | success | 2026-02-11 21:04 |
--   bo      | entry  | meet    | success | 2026-02-11 21:10 |    2
--   bo      | entry  | lab     | success | 2026-02-11 21:16 |    2
--   cy      | entry  | boss    | success | 2026-02-11 18:50 |    2
--   cy      | entry  | lab     | success | 2026-02-11 18:54 |    2
--   di      | entry  | boss    | success | 2026-02-11 04:58 |    2
--   di      | entry  | lab     | success | 2026-02-11 05:01 |    2
--   ed      | entry  | boss    | failure | 2026-02-11 23:00 |    2
--   ed      | denied | boss    | unknown | 2026-02-11 23:01 |    2
--   ed      | entry  | lab     | success | 2026-02-11 23:02 |    2
-- doors:
--   door_id | site | kind         | owner
--   boss    | HQ   | boardroom    | eve
--   meet    | HQ   | Meeting room |
--   lab     | HQ   | laboratory   |
-- ///

-- /// silent: the owner, the cleaner, the own lab, a card held up twice
-- badge:
--   user_id | action | door_id | direction | local_ts         | days
--   eve     | entry  | boss    | in        | 2026-02-11 20:00 |    2
--   eve     | entry  | lab     | in        | 2026-02-11 20:04 |    2
--   cle     | entry  | boss    | in        | 2026-02-11 22:00 |    2
--   cle     | entry  | lab     | in        | 2026-02-11 22:03 |    2
--   ana     | exit   | meet    | out       | 2026-02-11 23:30 |    2
--   ana     | entry  | lab     | in        | 2026-02-11 23:32 |    2
--   ana     | exit   | lab     | out       | 2026-02-11 23:33 |    2
--   bo      | entry  | meet    | in        | 2026-02-12 01:00 |    2
--   bo      | entry  | meet    | in        | 2026-02-12 01:01 |    2
--   bo      | exit   | meet    | out       | 2026-02-12 01:30 |    2
-- doors:
--   door_id | site | kind         | owner
--   boss    | HQ   | boardroom    | eve
--   meet    | HQ   | Meeting room |
--   lab     | HQ   | laboratory   |
-- people:
--   user_id | role
--   cle     | Cleaning staff
-- ///

-- /// silent: an assistant who lays out papers each evening; two who are not alone
-- badge:
--   user_id | action | door_id | local_ts         | days
--   ana     | entry  | boss    | 2026-02-09 17:59 |    3
--   ana     | entry  | boss    | 2026-02-12 19:00 |    2
--   ana     | entry  | lab     | 2026-02-12 19:03 |    2
--   bo      | entry  | meet    | 2026-02-12 20:00 |    2
--   di      | entry  | meet    | 2026-02-12 21:00 |    2
--   di      | entry  | lab     | 2026-02-12 21:03 |    2
--   cy      | entry  | meet    | 2026-02-12 23:30 |    2
--   cy      | entry  | lab     | 2026-02-12 23:33 |    2
--   bo      | entry  | meet    | 2026-02-12 23:33 |    2
-- doors:
--   door_id | site | kind         | owner
--   boss    | HQ   | boardroom    | eve
--   meet    | HQ   | Meeting room |
--   lab     | HQ   | laboratory   |
-- ///
