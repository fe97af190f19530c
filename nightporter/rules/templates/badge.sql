-- /// detector
-- title = "Replace: one line that says what it finds"
-- level = "low"  # informational, low, medium, high or critical
-- status = "experimental"  # stable once `detectors test --strict` holds
-- tags = ["attack.collection"]  # ids of ATT&CK and the Insider Threat Matrix
-- lookback = "0d"  # days before the scanned one that the SELECT reads, at most 35
-- says = "{user_id} was refused {times} times in a day, at {doors}"
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
    count(*) AS times,
    array_agg(DISTINCT door_id ORDER BY door_id) AS doors,
    array_agg(event ORDER BY ts, event) AS events  -- what a finding rests on
FROM badge
WHERE action = 'denied'
GROUP BY user_id, day
HAVING count(*) >= knob('min_times', 5);  -- replace: fewer is a card held wrongly

-- Replace: `fires on ...` and `silent on ...` are sentences; a row names what matters.
-- /// fires: five refusals at the doors of one corridor
-- badge:
--   user_id | action | door_id | local_ts         | rows
--   ana     | denied | lab-1   | 2026-01-05 19:00 |    2
--   ana     | denied | lab-2   | 2026-01-05 19:05 |    3
-- expect:
--   user_id | day        | times
--   ana     | 2026-01-05 |     5
-- ///

-- /// silent: a card that is held to the reader three times
-- badge:
--   user_id | action | door_id | local_ts         | rows
--   bo      | denied | main    | 2026-01-05 08:00 |    3
--   bo      | entry  | main    | 2026-01-05 08:01 |    1
-- ///

-- /// silent: somebody who goes in and out all day
-- badge:
--   user_id | action | door_id | local_ts         | rows
--   bo      | entry  | main    | 2026-01-05 08:00 |   20
-- ///
