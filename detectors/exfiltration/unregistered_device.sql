-- /// detector
-- title = "A storage device in use that the register does not know"
-- level = "low"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "attack.t1200", "itm.me005"]
-- lookback = "30d"
-- about = ["user_id", "device_id"]
-- says = """\
-- {user_id} used {product} {device_id}, which {why}; files written: {files}, \
-- at {used_at}"""
-- description = """
-- A register of devices makes every other one a question. It is asked once when the
-- use begins, and again after a month without it, not each day. Alone it is a weak
-- sign: the register is always late.
-- """
-- falsepositives = [
--   "a device handed out yesterday and registered tomorrow",
--   "a visitor's stick with a talk",
-- ]
-- blindspots = [
--   "devices without a real serial, and a serial that was copied",
--   "a device that was in use when the register began, after its first month",
--   "phones and cameras that are only charged",
--   "a serial that the register writes in another way than the agent",
-- ]
-- needs = ["devices.device_id", "usb.device_id"]
-- triage = """
-- Whose is it, and was it handed out? Register it, or ask for it back with what is on
-- it. Which documents were written, and who else used it?
-- """
-- ///

WITH uses AS (
    SELECT
        event,
        user_id,
        device_id,
        day,
        ts,
        host,
        product,
        CASE
            WHEN action = 'write' THEN coalesce(resource_id, resource, event)
        END AS written
    FROM usb
    WHERE
        NOT automated
        AND serial_quality = 'real'
        AND device_id IS NOT NULL
        AND outcome <> 'failure'
        AND (
            (action = 'connect' AND device_class = 'mass_storage')
            OR (
                action = 'write'
                AND device_class IN ('mass_storage', 'mtp', 'card_reader')
            )
        )
),

-- What the register says of that instant; a column that it leaves out says yes.
judged AS (
    SELECT
        uses.event,
        max(devices.device_id) AS listed,
        bool_or(uses.ts >= devices.valid_from AND uses.ts < devices.valid_to) AS dated,
        bool_or(
            uses.ts >= devices.valid_from
            AND uses.ts < devices.valid_to
            AND coalesce(devices.approved, TRUE)
        ) AS approved
    FROM uses
    LEFT JOIN devices
        ON uses.device_id = devices.device_id
    GROUP BY uses.event
),

by_day AS (
    SELECT
        uses.user_id,
        uses.device_id,
        uses.day,
        CASE
            WHEN count(judged.listed) = 0 THEN 'the register does not know'
            WHEN bool_or(judged.dated) THEN 'the register does not approve'
            ELSE 'the register lists for other dates'
        END AS why,
        coalesce(max(uses.product), 'a device') AS product,
        count(DISTINCT uses.written) AS files,
        array_agg(DISTINCT uses.host ORDER BY uses.host) AS used_at,
        array_agg(uses.event ORDER BY uses.ts, uses.event) AS events
    FROM uses
    INNER JOIN judged
        ON uses.event = judged.event
    WHERE
        NOT coalesce(judged.approved, FALSE)
        -- Where there is no register, it cannot be asked.
        AND EXISTS (SELECT 1 FROM devices)
    GROUP BY uses.user_id, uses.device_id, uses.day
)

SELECT
    user_id,
    device_id,
    day,
    why,
    product,
    files,
    used_at,
    events
FROM by_day
-- A month without it, then it is said again.
QUALIFY
    count(*) OVER (
        PARTITION BY user_id, device_id
        ORDER BY day
        RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
    ) = 0;

-- /// fires: a strange drive, once, though it is used all week, and again in spring
-- usb:
--   user_id | action  | device_id | product | local_ts         | days
--   ana     | connect | X-1       | Slide   | 2026-01-05 11:00 |    5
--   ana     | write   | X-1       | Slide   | 2026-01-05 11:05 |    5
--   ana     | connect | X-1       | Slide   | 2026-02-09 11:00 |    1
--   ana     | connect | X-1       | Slide   | 2026-03-12 11:00 |    1
-- devices:
--   device_id | user_id
--   WD-1      | bo
-- expect:
--   user_id | device_id | day        | files | why
--   ana     | X-1       | 2026-01-05 |     1 | the register does not know
--   ana     | X-1       | 2026-02-09 |     0 | the register does not know
--   ana     | X-1       | 2026-03-12 |     0 | the register does not know
-- ///

-- /// fires: before it was handed out, at its end, and one that was never approved
-- usb:
--   user_id | action  | device_id | device_class | local_ts
--   ana     | connect | WD-1      |              | 2026-01-31 23:59
--   bo      | write   | WD-1      | card_reader  | 2026-03-01 00:00
--   cy      | write   | WD-2      | mtp          | 2026-02-10 11:00
-- devices:
--   device_id | approved | valid_from       | valid_to
--   WD-1      | true     | 2026-02-01       | 2026-03-01
--   WD-2      | false    | 2026-02-10 11:00 |
-- expect:
--   user_id | device_id | day        | why
--   ana     | WD-1      | 2026-01-31 | the register lists for other dates
--   bo      | WD-1      | 2026-02-28 | the register lists for other dates
--   cy      | WD-2      | 2026-02-10 | the register does not approve
-- ///

-- /// silent: registered ones from their first minute on, and one that was refused
-- usb:
--   user_id | action  | device_id | outcome | local_ts
--   ana     | connect | WD-1      |         | 2026-02-01 00:00
--   ana     | write   | WD-1      |         | 2026-02-28 23:59
--   bo      | write   | WD-2      |         | 2026-02-10 11:00
--   cy      | connect | X-1       | failure | 2026-02-10 11:00
-- devices:
--   device_id | approved | valid_from | valid_to
--   WD-1      | true     | 2026-02-01 | 2026-03-01
--   WD-2      |          |            |
-- ///

-- /// silent: a drive without a serial, charging, a blocked one, a keyboard, a backup
-- usb:
--   account | action  | device_id | serial_quality | device_class | local_ts
--   ana     | connect | 6&1f      | generated      |              | 2026-02-02
--   bo      | connect | P-1       |                | mtp          | 2026-02-02
--   bo      | read    | P-1       |                |              | 2026-02-02
--   cy      | blocked | X-1       |                |              | 2026-02-02
--   di      | connect | K-1       |                | hid          | 2026-02-02
--   di      | write   | K-1       |                | other        | 2026-02-02
--   backup  | write   | B-1       |                |              | 2026-02-02
-- devices:
--   device_id | user_id
--   WD-1      | bo
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///

-- /// silent: a device whose number no agent tells
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | null      | 2026-02-02 11:00
-- devices:
--   device_id | user_id
--   WD-1      | bo
-- ///

-- /// silent: a house that keeps no register of devices
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | X-1       | 2026-02-02 11:00
-- ///
