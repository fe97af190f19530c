-- /// detector
-- title = "A recorder, camera or phone with files at a host in a sensitive room"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1123", "attack.t1125", "itm.me005"]
-- lookback = "35d"
-- about = ["user_id", "thing"]
-- says = "{user_id} attached {thing} ({what}) at {used_at} in {room}"
-- description = """
-- What was said or shown in a room leaves it in a recorder. A phone or camera counts
-- by its files, not by its charging; a device for sound or pictures by its rarity: what
-- five hosts have, such as the house's headset, is furniture. It is said when the use
-- begins, and again after four weeks without it.
-- """
-- falsepositives = [
--   "pictures of a broken rack for its maker, a laboratory's own camera",
--   "a new kind of conference set, on its first hosts",
-- ]
-- blindspots = [
--   "what is never plugged in, or into a laptop",
--   "sound and picture devices of which the agent names no product",
--   "a recorder that shows itself as a plain drive (see unregistered_device)",
-- ]
-- needs = ["doors.sensitive", "hosts.zone", "usb.device_class"]
-- triage = """
-- Is there an order to take pictures there? Look at the reads of that door before and
-- after. Ask for the device itself before its memory is emptied.
-- """
-- ///

WITH sensitive_zones AS (
    SELECT DISTINCT zones.zone
    FROM zones
    INNER JOIN doors
        ON zones.within = doors.zone_to
    WHERE doors.sensitive
),

attached AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        host,
        zone,
        device_class,
        coalesce(
            product,
            CASE WHEN serial_quality = 'real' THEN device_id END,
            'a nameless device'
        ) AS thing,
        count(DISTINCT host) OVER (
            PARTITION BY device_class, lower(product)
            ORDER BY day
            RANGE BETWEEN INTERVAL 34 DAYS PRECEDING AND CURRENT ROW
        ) AS hosts_with_it
    FROM usb
    WHERE
        NOT automated
        AND outcome <> 'failure'
        AND (
            (device_class IN ('mtp', 'ptp') AND action IN ('write', 'read'))
            OR (
                device_class IN ('audio', 'video')
                AND action = 'connect'
                -- To be heard and seen at the desk: what each desk has. Without a name
                -- nobody knows.
                AND NOT regexp_matches(
                    lower(product),
                    'head(set|phone)|ear(bud|phone)|speaker|web.?cam|dock|hub|display'
                )
            )
        )
),

by_day AS (
    SELECT
        attached.user_id,
        attached.thing,
        attached.day,
        max(attached.device_class) AS what,
        max(attached.zone) AS room,
        min(attached.hosts_with_it) FILTER (
            WHERE attached.device_class IN ('audio', 'video')
        ) AS hosts_with_it,
        array_agg(DISTINCT attached.host ORDER BY attached.host) AS used_at,
        array_agg(attached.event ORDER BY attached.ts, attached.event) AS events,
        count(*) OVER (
            PARTITION BY attached.user_id, attached.thing
            ORDER BY attached.day
            RANGE BETWEEN INTERVAL 28 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
        ) AS days_before
    FROM attached
    INNER JOIN sensitive_zones
        ON attached.zone = sensitive_zones.zone
    GROUP BY attached.user_id, attached.thing, attached.day
)

SELECT
    user_id,
    thing,
    day,
    what,
    room,
    hosts_with_it,
    used_at,
    events
FROM by_day
WHERE
    days_before = 0
    -- Phones are everywhere; files on them are not.
    AND coalesce(hosts_with_it, 0) < knob('furniture_hosts', 5);

-- /// fires: a recorder in the archive, and again after a month; a phone and a camera
-- usb:
--   user_id | action  | device_class | product | host  | local_ts
--   ana     | connect | audio        | Voice 2 | arc-1 | 2026-01-05 21:00
--   ana     | connect | audio        | Voice 2 | arc-1 | 2026-01-12 21:00
--   ana     | connect | audio        | Voice 2 | arc-1 | 2026-02-10 21:00
--   bo      | read    | mtp          |         | arc-1 | 2026-01-05 11:00
--   cy      | write   | ptp          | Cam     | rack  | 2026-01-05 11:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   arc     | house     | archive | true
--   rack    | archive   | rack    | false
-- hosts:
--   host  | zone    | kind
--   arc-1 | archive | workstation
--   rack  | rack    | server
-- expect:
--   user_id | thing   | day        | what  | room
--   ana     | Voice 2 | 2026-01-05 | audio | archive
--   ana     | Voice 2 | 2026-02-10 | audio | archive
--   bo      | dev-bo  | 2026-01-05 | mtp   | archive
--   cy      | Cam     | 2026-01-05 | ptp   | rack
-- ///

-- /// fires: a capture card that four hosts have, a phone called like it
-- usb:
--   user_id | action  | device_class | serial_quality | product | host  | local_ts
--   di      | connect | video        |                | Grab    | pc-1  | 2026-01-05
--   di      | connect | video        |                | Grab    | pc-2  | 2026-01-05
--   di      | connect | video        |                | Grab    | pc-3  | 2026-01-05
--   bo      | write   | mtp          |                | Grab    | pc-4  | 2026-01-05
--   di      | connect | video        |                | GRAB    | arc-1 | 2026-01-06
--   bo      | write   | mtp          | generated      |         | arc-1 | 2026-01-06
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   arc     | house     | archive | true
-- hosts:
--   host  | zone    | kind
--   arc-1 | archive | workstation
--   pc-1  | house   | workstation
-- expect:
--   user_id | thing             | day        | hosts_with_it
--   di      | GRAB              | 2026-01-05 |             4
--   bo      | a nameless device | 2026-01-05 | null
-- ///

-- /// silent: a phone that charges, the house's camera, a headset, other rooms
-- usb:
--   account | action     | device_class | product  | host  | local_ts
--   ana     | connect    | mtp          | Phone    | arc-1 | 2026-01-06 02:00
--   bo      | connect    | video        | Eye      | pc-1  | 2026-01-05 11:00
--   bo      | connect    | video        | Eye      | pc-2  | 2026-01-05 11:00
--   bo      | connect    | video        | Eye      | pc-3  | 2026-01-05 11:00
--   bo      | connect    | video        | Eye      | pc-4  | 2026-01-05 11:00
--   bo      | connect    | video        | Eye      | arc-1 | 2026-01-06 11:00
--   cy      | connect    | audio        | Headset  | arc-1 | 2026-01-06 11:00
--   cy      | disconnect | audio        | Voice    | arc-1 | 2026-01-06 11:00
--   di      | connect    | audio        | null     | arc-1 | 2026-01-06 11:00
--   ed      | write      | mass_storage | Slide    | arc-1 | 2026-01-06 11:00
--   ed      | connect    | hid          | Keyboard | arc-1 | 2026-01-06 11:00
--   fe      | connect    | audio        | Voice    | pc-1  | 2026-01-06 11:00
--   fe      | write      | mtp          | Phone    | pc-2  | 2026-01-06 11:00
--   scan    | connect    | video        | Scan     | arc-1 | 2026-01-06 11:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   arc     | house     | archive | true
--   lab     | house     | lab     | false
-- hosts:
--   host  | zone    | kind
--   arc-1 | archive | workstation
--   pc-1  | lab     | workstation
--   pc-2  | house   | workstation
-- accounts:
--   account | user_id  | kind
--   scan    | svc-scan | service
-- ///

-- /// silent: a camera that the agent refused
-- usb:
--   account | action  | device_class | product | outcome | host  | local_ts
--   ana     | write   | mtp          | Cam     | failure | arc-1 | 2026-01-06 11:00
-- doors:
--   door_id | zone_from | zone_to | sensitive
--   arc     | house     | archive | true
-- hosts:
--   host  | zone    | kind
--   arc-1 | archive | workstation
-- ///
