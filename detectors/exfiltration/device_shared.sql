-- /// detector
-- title = "A registered device in other hands, or at another host than its own"
-- level = "low"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "30d"
-- about = ["user_id", "device_id"]
-- says = """\
-- {user_id} used {device_id} at {used_at}; the register gives it to {holders}; files \
-- written: {files}"""
-- description = """
-- A device is handed out to a person, to a host, or to a person for one host. Whoever
-- else uses it has borrowed it, found it, or carries out what somebody else has copied.
-- Serial, person and host must be equal on that date; it is said once when it begins,
-- and again after a month without it.
-- """
-- falsepositives = [
--   "a colleague's stick for one talk",
--   "a device that changed hands without the register",
-- ]
-- blindspots = [
--   "devices that the register gives to nobody (see unregistered_device)",
--   "a holder's session in which somebody else plugs it in",
--   "devices without a real serial, telephones of which no file is read or written",
-- ]
-- needs = ["devices.user_id", "usb.device_id"]
-- triage = """
-- Ask the holder where the device is, and since when: not the other one first. Compare
-- what was on it when it changed hands with the rights of both.
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
        CASE
            WHEN action = 'write' THEN coalesce(resource_id, resource, event)
        END AS written
    FROM usb
    WHERE
        NOT automated
        -- Nobody's name in the line: nobody's other hands.
        AND NOT starts_with(user_id, 'host:')
        AND serial_quality = 'real'
        AND outcome <> 'failure'
        AND (
            action IN ('write', 'read')
            -- A telephone that charges connects, too.
            OR (action = 'connect' AND device_class = 'mass_storage')
        )
),

-- Each use with what the register says of that instant: one line that fits is enough.
judged AS (
    SELECT
        uses.event,
        array_agg(
            DISTINCT concat_ws(' at ', devices.user_id, devices.host)
            ORDER BY concat_ws(' at ', devices.user_id, devices.host)
        ) AS holders
    FROM uses
    INNER JOIN devices
        ON
            uses.device_id = devices.device_id
            AND uses.ts >= devices.valid_from
            AND uses.ts < devices.valid_to
    GROUP BY uses.event
    HAVING
        NOT bool_or(
            coalesce(devices.user_id = uses.user_id, true)
            AND coalesce(lower(devices.host) = lower(uses.host), true)
        )
),

by_day AS (
    SELECT
        uses.user_id,
        uses.device_id,
        uses.day,
        list_sort(list_distinct(flatten(array_agg(judged.holders)))) AS holders,
        count(DISTINCT uses.written) AS files,
        array_agg(DISTINCT uses.host ORDER BY uses.host) AS used_at,
        array_agg(uses.event ORDER BY uses.ts, uses.event) AS events
    FROM uses
    INNER JOIN judged
        ON uses.event = judged.event
    GROUP BY uses.user_id, uses.device_id, uses.day
)

SELECT
    user_id,
    device_id,
    day,
    holders,
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

-- /// fires: a colleague's stick, once though all week, and again after a month
-- usb:
--   user_id | action  | device_id | local_ts         | days
--   ana     | connect | WD-1      | 2026-01-05 11:00 |    5
--   ana     | write   | WD-1      | 2026-01-05 11:05 |    5
--   ana     | read    | WD-1      | 2026-02-09 11:00 |    1
--   ana     | connect | WD-1      | 2026-03-12 11:00 |    1
-- devices:
--   device_id | user_id
--   WD-1      | bo
-- expect:
--   user_id | device_id | day        | files | holders
--   ana     | WD-1      | 2026-01-05 |     1 | bo
--   ana     | WD-1      | 2026-02-09 |     0 | bo
--   ana     | WD-1      | 2026-03-12 |     0 | bo
-- ///

-- /// fires: after it was handed on, and before; a laboratory's drive at a desk
-- usb:
--   user_id | action | device_id | host   | local_ts
--   ana     | write  | WD-1      | pc-ana | 2026-02-01 00:00
--   bo      | write  | WD-1      | pc-bo  | 2026-01-31 23:59
--   cy      | write  | WD-2      | PC-cy  | 2026-02-10 11:00
--   di      | write  | WD-3      | lab-7  | 2026-02-10 11:00
-- devices:
--   device_id | user_id | host  | valid_from | valid_to
--   WD-1      | ana     |       |            | 2026-02-01
--   WD-1      | bo      |       | 2026-02-01 |
--   WD-2      |         | lab-7 |            |
--   WD-3      | ana     | lab-7 |            |
--   WD-3      | bo      | lab-7 |            |
-- expect:
--   user_id | device_id | day        | holders
--   ana     | WD-1      | 2026-01-31 | bo
--   bo      | WD-1      | 2026-01-31 | ana
--   cy      | WD-2      | 2026-02-10 | lab-7
--   di      | WD-3      | 2026-02-10 | ana at lab-7, bo at lab-7
-- ///

-- /// silent: two holders by turns, a laboratory's drive there, one that is nobody's
-- usb:
--   user_id | action | device_id | host   | local_ts
--   ana     | write  | WD-1      | pc-ana | 2026-01-31 23:59
--   bo      | write  | WD-1      | pc-bo  | 2026-02-01 00:00
--   cy      | write  | WD-2      | LAB-7  | 2026-02-10 02:00
--   di      | write  | WD-3      | lab-7  | 2026-02-10 11:00
--   di      | write  | WD-4      | lab-7  | 2026-02-10 11:00
--   di      | write  | X-1       | lab-7  | 2026-02-10 11:00
-- devices:
--   device_id | user_id | host  | valid_from | valid_to
--   WD-1      | ana     |       |            | 2026-02-01
--   WD-1      | bo      |       | 2026-02-01 |
--   WD-2      |         | lab-7 |            |
--   WD-3      | di      |       |            |
--   WD-3      | ana     | lab-7 |            |
--   WD-4      |         |       |            |
-- ///

-- /// silent: a copied serial, a refused one, plugged out, nobody's name, a backup
-- usb:
--   account | action     | serial_quality | outcome | device_id | local_ts
--   ana     | connect    | duplicate      |         | WD-1      | 2026-02-02 11:00
--   ana     | connect    |                | failure | WD-1      | 2026-02-02 11:00
--   ana     | disconnect |                |         | WD-1      | 2026-02-02 11:00
--   null    | connect    |                |         | WD-1      | 2026-02-02 11:00
--   backup  | write      |                |         | WD-1      | 2026-02-02 03:00
-- devices:
--   device_id | user_id
--   WD-1      | bo
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///

-- /// silent: a colleague's telephone that charges at one's own host
-- usb:
--   user_id | action  | device_id | device_class | host | local_ts
--   bo      | connect | P-1       | mtp          | pc-2 | 2026-02-02 11:00
-- devices:
--   device_id | user_id
--   P-1       | ana
-- ///
