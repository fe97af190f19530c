-- /// detector
-- title = "Replace: one line that says what it finds"
-- level = "low"  # informational, low, medium, high or critical
-- status = "experimental"  # stable once `detectors test --strict` holds
-- tags = ["attack.collection"]  # ids of ATT&CK and the Insider Threat Matrix
-- lookback = "0d"  # days before the scanned one that the SELECT reads, at most 35
-- says = "{user_id} carried {devices} to {n_hosts} hosts in a day"
-- description = """
-- Replace: what somebody does, and why this shows it.
-- """
-- falsepositives = ["replace: who does this with good reason"]
-- blindspots = ["replace: what this cannot see"]
-- triage = """
-- Replace: what to check, what to secure, whom not to tip off.
-- """
-- ///

-- Replace: each row is a finding about one user_id and day; other columns are shown.
SELECT
    user_id,
    day,
    count(DISTINCT host) AS n_hosts,
    array_agg(DISTINCT device_id ORDER BY device_id) AS devices,
    array_agg(event ORDER BY ts, event) AS events  -- what a finding rests on
FROM usb
WHERE
    action = 'connect'
    AND device_class = 'mass_storage'
GROUP BY user_id, day
HAVING count(DISTINCT host) >= knob('min_hosts', 3);  -- replace: a desk and a room

-- Replace: `fires on ...` and `silent on ...` are sentences; a row names what matters.
-- /// fires: a stick at three hosts within an hour
-- usb:
--   user_id | action  | device_class | host | local_ts
--   ana     | connect | mass_storage | pc-1 | 2026-01-05 15:00
--   ana     | connect | mass_storage | pc-2 | 2026-01-05 15:20
--   ana     | connect | mass_storage | pc-3 | 2026-01-05 15:40
-- expect:
--   user_id | day        | n_hosts
--   ana     | 2026-01-05 |       3
-- ///

-- /// silent: the own desk and the meeting room, again and again
-- usb:
--   user_id | action  | device_class | host | local_ts         | rows
--   bo      | connect | mass_storage | pc-1 | 2026-01-05 09:00 |    3
--   bo      | connect | mass_storage | room | 2026-01-05 14:00 |    3
-- ///

-- /// silent: headsets at many hosts, and sticks that are taken out there
-- usb:
--   user_id | action  | device_class | host | local_ts
--   bo      | connect | audio        | pc-1 | 2026-01-05 15:00
--   bo      | connect | audio        | pc-2 | 2026-01-05 15:20
--   bo      | connect | audio        | pc-3 | 2026-01-05 15:40
--   cy      | eject   | mass_storage | pc-1 | 2026-01-05 15:00
--   cy      | eject   | mass_storage | pc-2 | 2026-01-05 15:20
--   cy      | eject   | mass_storage | pc-3 | 2026-01-05 15:40
-- ///
