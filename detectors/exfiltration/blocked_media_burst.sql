-- /// detector
-- title = "Refused at removable media again and again"
-- level = "low"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "35d"
-- says = """\
-- {user_id} was refused at removable media {attempts} times within an hour, with \
-- {devices}; most in an hour of the five weeks before: {most}"""
-- description = """
-- One refusal tells that media are not allowed here. Who comes back with another stick,
-- another port, another file has understood it and goes on. One attempt is all that is
-- refused within two minutes: a folder dragged over is refused a hundred times at once.
-- """
-- falsepositives = [
--   "a defective stick, a permission that was promised and not yet given",
--   "a new rule on the morning it begins",
-- ]
-- blindspots = [
--   "agents that let pass and only report, or refuse without a line",
--   "writes that fail without being called blocked",
--   "one attempt a day",
-- ]
-- needs = ["usb.blocked"]
-- triage = """
-- What did this person do next: another host, an upload, a mail to the own address? Was
-- there an order that needs media? The files tried are in the lines.
-- """
-- ///

WITH refusals AS (
    SELECT
        event,
        user_id,
        device_id,
        day,
        ts,
        coalesce(epoch(ts) - epoch(lag(ts) OVER earlier), 1e9)
        -- What a program tries by itself comes in the same breath.
        >= 60 * knob('minutes_between', 2) AS anew
    FROM usb
    WHERE
        action = 'blocked'
        AND NOT automated
        -- A phone that wants to charge is refused each morning.
        AND (device_class = 'mass_storage' OR resource IS NOT NULL)
    WINDOW earlier AS (PARTITION BY user_id ORDER BY ts ASC, event ASC)
),

hours AS (
    SELECT
        *,
        count(*) FILTER (WHERE anew) OVER within_hour AS attempts
    FROM refusals
    WINDOW within_hour AS (
        PARTITION BY user_id
        ORDER BY ts
        RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW
    )
),

-- Each day's fullest hour; it may have begun before the day did.
fullest AS (
    SELECT
        user_id,
        day,
        max(attempts) AS attempts,
        arg_min(ts, (-attempts, ts)) AS ts
    FROM hours
    GROUP BY user_id, day
),

habits AS (
    SELECT
        fullest.user_id,
        fullest.day,
        fullest.ts,
        fullest.attempts,
        coalesce(max(earlier.attempts), 0) AS most
    FROM fullest
    LEFT JOIN hours AS earlier
        ON
            fullest.user_id = earlier.user_id
            AND fullest.day > earlier.day
            AND fullest.day <= earlier.day + 34
            -- What began before five in the morning is the same, and no habit.
            AND fullest.ts > earlier.ts + INTERVAL 1 HOUR
    GROUP BY fullest.user_id, fullest.day, fullest.ts, fullest.attempts
)

SELECT
    habits.user_id,
    habits.day,
    habits.attempts,
    habits.most,
    array_agg(DISTINCT refusals.device_id ORDER BY refusals.device_id) AS devices,
    array_agg(refusals.event ORDER BY refusals.ts, refusals.event) AS events
FROM habits
INNER JOIN refusals
    ON
        habits.user_id = refusals.user_id
        AND habits.ts >= refusals.ts
        AND habits.ts <= refusals.ts + INTERVAL 1 HOUR
WHERE
    -- Twice by mistake, once more to be sure.
    habits.attempts >= knob('min_attempts', 4)
    -- Some are refused all the time.
    AND habits.attempts >= knob('times_most', 2) * habits.most
GROUP BY habits.user_id, habits.day, habits.attempts, habits.most;

-- /// fires: four attempts in an hour across the stroke of twelve, with two sticks
-- usb:
--   user_id | action  | device_id | resource | local_ts         | every | rows
--   ana     | blocked | WD-1      | null     | 2026-01-05 11:40 |     1 |   20
--   ana     | blocked | WD-1      | null     | 2026-01-05 11:58 |       |
--   ana     | blocked | WD-2      | null     | 2026-01-05 12:02 |       |
--   ana     | blocked | WD-2      | null     | 2026-01-05 12:40 |       |
-- expect:
--   user_id | day        | attempts | devices    | most
--   ana     | 2026-01-05 |        4 | WD-1, WD-2 |    0
-- ///

-- /// fires: files dragged onto a phone, and far more often a month later
-- usb:
--   user_id | action  | device_class | resource | local_ts         | every | rows
--   bo      | blocked | mtp          | a.docx   | 2026-01-05 11:00 |   130 |    4
--   bo      | blocked | mtp          | a.docx   | 2026-02-09 11:00 |   130 |    4
--   bo      | blocked | mtp          | a.docx   | 2026-02-10 11:00 |   130 |    7
--   bo      | blocked | mtp          | a.docx   | 2026-02-11 11:00 |   130 |   14
-- expect:
--   user_id | day        | attempts | most
--   bo      | 2026-01-05 |        4 |    0
--   bo      | 2026-02-09 |        4 |    0
--   bo      | 2026-02-11 |       14 |    7
-- ///

-- /// silent: a folder, a program that asks each minute, three files in an hour
-- usb:
--   user_id | action  | resource | local_ts         | every | rows
--   cy      | blocked |          | 2026-01-05 11:00 |     1 |  200
--   cy      | blocked |          | 2026-01-05 11:10 |    60 |   20
--   di      | blocked | a.docx   | 2026-01-05 09:00 |       |
--   di      | blocked | a.docx   | 2026-01-05 09:20 |       |
--   di      | blocked | a.docx   | 2026-01-05 09:40 |       |
--   di      | blocked | a.docx   | 2026-01-05 10:30 |       |
-- ///

-- /// silent: a phone that wants to charge, writes that pass, a scanner by a service
-- usb:
--   account | action  | device_class | resource | local_ts         | every | rows
--   ed      | blocked | mtp          | null     | 2026-01-05 11:00 |   300 |    9
--   ed      | write   |              | a.docx   | 2026-01-05 11:00 |   300 |    9
--   scan    | blocked |              | a.docx   | 2026-01-05 11:00 |   300 |    9
-- accounts:
--   account | user_id  | kind
--   scan    | svc-scan | service
-- ///

-- /// fires: three attempts before five in the morning, and one after it
-- usb:
--   user_id | action  | device_id | resource | local_ts
--   ana     | blocked | WD-1      | null     | 2026-01-06 04:40
--   ana     | blocked | WD-2      | null     | 2026-01-06 04:45
--   ana     | blocked | WD-2      | null     | 2026-01-06 04:50
--   ana     | blocked | WD-3      | null     | 2026-01-06 05:05
--   ana     | blocked | WD-4      | null     | 2026-01-06 07:00
-- expect:
--   user_id | day        | attempts | devices
--   ana     | 2026-01-06 |        4 | WD-1, WD-2, WD-3
-- ///

-- /// fires: the fuller hour of a day; a habit of 34 days; one from four o'clock on
-- usb:
--   user_id | action  | device_id | resource | local_ts         | every | rows
--   ana     | blocked | WD-1      | null     | 2026-01-05 09:00 |   300 |    4
--   ana     | blocked | WD-9      | null     | 2026-01-05 15:00 |       |
--   ana     | blocked | WD-2      | null     | 2026-01-05 15:45 |   300 |    4
--   bo      | blocked | WD-3      | null     | 2026-01-05 11:00 |   300 |    4
--   bo      | blocked | WD-3      | null     | 2026-02-08 11:00 |   300 |    4
--   cy      | blocked | WD-4      | null     | 2026-01-06 03:40 |   600 |    2
--   cy      | blocked | WD-5      | null     | 2026-01-06 04:00 |  1200 |    4
-- expect:
--   user_id | day        | attempts | most | devices
--   ana     | 2026-01-05 |        5 |    0 | WD-2, WD-9
--   bo      | 2026-01-05 |        4 |    0 | WD-3
--   cy      | 2026-01-05 |        5 |    0 | WD-4, WD-5
--   cy      | 2026-01-06 |        4 |    2 | WD-5
-- ///
