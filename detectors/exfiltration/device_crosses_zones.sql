-- /// detector
-- title = "One device on both sides of a sensitive zone's door"
-- level = "high"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "attack.t1091", "itm.if002"]
-- lookback = "35d"
-- about = ["user_id", "device_id"]
-- says = """\
-- {user_id} used {device_id} at {at_host} ({area}), {gap} h after {previous_user} \
-- used it at {previous_host} ({previous_area})"""
-- description = """
-- Behind a sensitive door stand hosts that are kept off the network: what leaves them
-- leaves on a device. The same serial inside and outside within a week has carried
-- something over, whoever held it. A device of the class transfer in devices.csv may do
-- that. It is said once when it begins, and again after four weeks without it.
-- """
-- falsepositives = [
--   "a technician's stick with drivers: register it for transfer, or keep one inside",
--   "two zones that doors.csv calls sensitive and that belong together",
-- ]
-- blindspots = [
--   "laptops, which stand in no zone, and hosts without an agent",
--   "devices without a real serial, and a device of each side that never leaves it",
--   "more than a week between the two sides",
-- ]
-- needs = ["doors.sensitive", "hosts.zone", "usb.device_id", "usb.device_class"]
-- triage = """
-- Which files were written inside, which were read outside, who came through the door
-- between? Secure the device and both hosts' logs at once: it is overwritten first.
-- """
-- ///

-- Hosts behind the same sensitive doors are on the same side.
WITH secured AS (
    SELECT
        zones.zone,
        string_agg(DISTINCT zones.within, ', ' ORDER BY zones.within) AS area
    FROM zones
    INNER JOIN doors
        ON zones.within = doors.zone_to
    WHERE doors.sensitive
    GROUP BY zones.zone
),

uses AS (
    SELECT
        usb.event,
        usb.user_id,
        usb.device_id,
        usb.day,
        usb.ts,
        usb.host,
        coalesce(secured.area, 'outside') AS area
    FROM usb
    LEFT JOIN secured
        ON usb.zone = secured.zone
    WHERE
        usb.fixed
        AND NOT usb.automated
        AND usb.serial_quality = 'real'
        AND usb.device_id IS NOT NULL
        AND usb.outcome <> 'failure'
        AND usb.device_class IN ('mass_storage', 'mtp', 'card_reader')
        AND (
            usb.action IN ('write', 'read')
            -- A phone that charges connects, too.
            OR (usb.action = 'connect' AND usb.device_class = 'mass_storage')
        )
),

steps AS (
    SELECT
        *,
        lag(area) OVER earlier AS previous_area,
        lag(host) OVER earlier AS previous_host,
        lag(user_id) OVER earlier AS previous_user,
        lag(event) OVER earlier AS previous_event,
        (epoch(ts) - lag(epoch(ts)) OVER earlier) / 3600 AS gap
    FROM uses
    WINDOW earlier AS (PARTITION BY device_id ORDER BY ts ASC, event ASC)
),

crossings AS (
    SELECT steps.*
    FROM steps
    LEFT JOIN devices
        ON
            steps.device_id = devices.device_id
            AND lower(devices.device_class) = 'transfer'
            AND steps.ts >= devices.valid_from
            AND steps.ts < devices.valid_to
    WHERE
        steps.area <> steps.previous_area
        AND devices.device_id IS NULL
        -- After a longer while what it carried is old.
        AND steps.gap <= 24 * knob('within_days', 7)
),

by_day AS (
    SELECT
        user_id,
        device_id,
        day,
        -- All of one crossing: no two are equal in both.
        arg_min(host, (ts, event)) AS at_host,
        arg_min(area, (ts, event)) AS area,
        arg_min(previous_user, (ts, event)) AS previous_user,
        arg_min(previous_host, (ts, event)) AS previous_host,
        arg_min(previous_area, (ts, event)) AS previous_area,
        round(arg_min(gap, (ts, event)), 1) AS gap,
        list_sort(
            list_distinct(list_concat(array_agg(event), array_agg(previous_event)))
        ) AS events
    FROM crossings
    GROUP BY user_id, device_id, day
)

SELECT
    user_id,
    device_id,
    day,
    at_host,
    area,
    previous_user,
    previous_host,
    previous_area,
    gap,
    events
FROM by_day
-- Four weeks without it, then it is said again.
QUALIFY
    count(*) OVER (
        PARTITION BY user_id, device_id
        ORDER BY day
        RANGE BETWEEN INTERVAL 27 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
    ) = 0;

-- /// fires: written behind the door, a day later read at the desk, again and again
-- usb:
--   user_id | action  | device_id | host    | local_ts
--   ana     | write   | WD-1      | vault-1 | 2026-01-05 11:00
--   ana     | connect | WD-1      | desk-1  | 2026-01-06 11:00
--   ana     | read    | WD-1      | desk-1  | 2026-01-06 12:00
--   ana     | write   | WD-1      | vault-1 | 2026-01-19 11:00
--   ana     | connect | WD-1      | desk-1  | 2026-01-20 11:00
--   ana     | write   | WD-1      | vault-1 | 2026-02-16 11:00
--   ana     | connect | WD-1      | desk-1  | 2026-02-17 11:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   main    | outside   | house   | false
--   vault   | house     | vault   | true
-- hosts:
--   host    | zone  | kind
--   vault-1 | vault | workstation
--   desk-1  | house | workstation
-- expect:
--   user_id | device_id | day        | at_host | previous_host | area    | gap
--   ana     | WD-1      | 2026-01-06 | desk-1  | vault-1       | outside |  24
--   ana     | WD-1      | 2026-02-17 | desk-1  | vault-1       | outside |  24
-- ///

-- /// fires: carried in for somebody else; from one vault to another; a phone
-- usb:
--   user_id | action | device_id | device_class | host    | local_ts
--   ana     | write  | WD-1      |              | desk-1  | 2026-01-05 11:00
--   bo      | read   | WD-1      |              | vault-1 | 2026-01-07 23:00
--   cy      | write  | WD-2      | card_reader  | vault-1 | 2026-01-05 11:00
--   cy      | write  | WD-2      | card_reader  | rack-1  | 2026-01-05 12:00
--   di      | read   | P-1       | mtp          | vault-1 | 2026-01-05 11:00
--   di      | write  | P-1       | mtp          | desk-1  | 2026-01-05 12:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   vault   | house     | vault   | true
--   rack    | vault     | rack    | true
-- hosts:
--   host    | zone  | kind
--   vault-1 | vault | workstation
--   rack-1  | rack  | server
--   desk-1  | house | workstation
-- devices:
--   device_id | device_class | valid_from | valid_to
--   WD-1      | transfer     |            | 2026-01-07 23:00
--   WD-1      | transfer     | 2026-01-08 |
--   WD-2      | mass_storage |            |
-- expect:
--   user_id | device_id | area        | previous_area | previous_user
--   bo      | WD-1      | vault       | outside       | ana
--   cy      | WD-2      | rack, vault | vault         | cy
--   di      | P-1       | outside     | vault         | di
-- ///

-- /// silent: a device for transfers, two weeks later, one side alone, a copied serial
-- usb:
--   user_id | action | device_id | serial_quality | host    | local_ts
--   ana     | write  | WD-1      |                | vault-1 | 2026-01-05 11:00
--   ana     | read   | WD-1      |                | desk-1  | 2026-01-05 12:00
--   bo      | write  | WD-2      |                | vault-1 | 2026-01-05 11:00
--   bo      | read   | WD-2      |                | desk-1  | 2026-01-19 11:00
--   cy      | write  | WD-3      |                | vault-1 | 2026-01-05 11:00
--   cy      | write  | WD-3      |                | vault-2 | 2026-01-05 12:00
--   di      | write  | WD-4      |                | desk-1  | 2026-01-05 11:00
--   di      | write  | WD-4      |                | desk-2  | 2026-01-05 12:00
--   ed      | write  | WD-5      |                | vault-1 | 2026-01-05 11:00
--   ed      | write  | WD-5      |                | note-1  | 2026-01-05 12:00
--   fe      | write  | WD-6      | duplicate      | vault-1 | 2026-01-05 11:00
--   gi      | write  | WD-6      | duplicate      | desk-1  | 2026-01-05 12:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   main    | outside   | house   | false
--   vault   | house     | vault   | true
--   lab     | house     | lab     | false
-- hosts:
--   host    | zone  | kind
--   vault-1 | vault | workstation
--   vault-2 | vault | workstation
--   desk-1  | house | workstation
--   desk-2  | lab   | workstation
--   note-1  | house | laptop
-- devices:
--   device_id | device_class | valid_from
--   WD-1      | transfer     | 2026-01-05 12:00
-- ///

-- /// silent: charging, a headset, a drive plugged out, refused, a backup by a service
-- usb:
--   account | action     | device_id | device_class | outcome | host    | local_ts
--   bo      | connect    | P-1       | mtp          |         | vault-1 | 2026-01-05
--   bo      | connect    | P-1       | mtp          |         | desk-1  | 2026-01-06
--   cy      | write      | H-1       | audio        |         | vault-1 | 2026-01-05
--   cy      | write      | H-1       | audio        |         | desk-1  | 2026-01-06
--   di      | disconnect | WD-2      |              |         | vault-1 | 2026-01-05
--   di      | connect    | WD-2      |              | failure | vault-1 | 2026-01-05
--   di      | connect    | WD-2      |              |         | desk-1  | 2026-01-06
--   backup  | write      | WD-3      |              |         | vault-1 | 2026-01-05
--   backup  | write      | WD-3      |              |         | desk-1  | 2026-01-06
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   vault   | house     | vault   | true
-- hosts:
--   host    | zone  | kind
--   vault-1 | vault | workstation
--   desk-1  | house | workstation
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///

-- /// silent: devices whose numbers no agent tells, on both sides of the door
-- usb:
--   user_id | action | device_id | host    | local_ts
--   ana     | write  | null      | vault-1 | 2026-01-05 11:00
--   bo      | write  | null      | desk-1  | 2026-01-05 12:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   vault   | house     | vault   | true
-- hosts:
--   host    | zone  | kind
--   vault-1 | vault | workstation
--   desk-1  | house | workstation
-- ///
