-- /// detector
-- title = "Replace: one line that says what it finds"
-- level = "low"  # informational, low, medium, high or critical
-- status = "experimental"  # stable once `detectors test --strict` holds
-- tags = ["attack.collection"]  # ids of ATT&CK and the Insider Threat Matrix
-- lookback = "0d"  # `seen` knows the past by itself
-- about = ["user_id", "device_id"]
-- says = "{user_id} used {device_id} for the first time in {n_days} active days"
-- description = """
-- Replace: what somebody does, and why this shows it.
-- """
-- falsepositives = ["replace: who does this with good reason"]
-- blindspots = ["replace: what this cannot see"]
-- triage = """
-- Replace: what to check, what to secure, whom not to tip off.
-- """
-- ///

-- Replace: the kinds are listed in docs/tables.md; value is what was met.
SELECT
    user_id,
    day,
    value AS device_id,
    n_days,
    peers,
    surprise
FROM seen
WHERE
    kind = 'device'
    AND first_day = day
    AND n_days >= knob('min_days', 20);  -- replace: before that all is new

-- Replace: `fires on ...` and `silent on ...` are sentences; a row names what matters.
-- /// fires: a second stick after a month with the own one
-- usb:
--   user_id | action  | device_class | device_id | local_ts         | days
--   ana     | connect | mass_storage | stick-1   | 2026-01-05 10:00 |   30
--   ana     | connect | mass_storage | stick-2   | 2026-02-16 19:00 |
-- expect:
--   user_id | device_id | day
--   ana     | stick-2   | 2026-02-16
-- ///

-- /// silent: the own stick every day, and then at another host
-- usb:
--   user_id | action  | device_class | device_id | host  | local_ts         | days
--   bo      | connect | mass_storage | stick-3   | pc-bo | 2026-01-05 10:00 |   40
--   bo      | connect | mass_storage | stick-3   | room  | 2026-02-16 10:00 |
-- ///

-- /// silent: a new colleague, who is given a second stick
-- usb:
--   user_id | action  | device_class | device_id | local_ts         | days
--   cy      | connect | mass_storage | stick-4   | 2026-01-05 10:00 |   10
--   cy      | connect | mass_storage | stick-5   | 2026-01-19 10:00 |
-- ///
