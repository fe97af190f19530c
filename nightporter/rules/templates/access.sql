-- /// detector
-- title = "Replace: one line that says what it finds"
-- level = "low"  # informational, low, medium, high or critical
-- status = "experimental"  # stable once `detectors test --strict` holds
-- tags = ["attack.collection"]  # ids of ATT&CK and the Insider Threat Matrix
-- lookback = "0d"  # days before the scanned one that the SELECT reads, at most 7
-- says = "{user_id} deleted {files} files in a day"
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
    count(*) AS files,
    array_agg(event ORDER BY ts, event) AS events  -- what a finding rests on
FROM access
WHERE
    action = 'delete'
    AND outcome <> 'failure'
    AND NOT automated
GROUP BY user_id, day
HAVING count(*) >= knob('min_files', 20);  -- replace: fewer is somebody who tidies up

-- Replace: `fires on ...` and `silent on ...` are sentences; a row names what matters.
-- /// fires: twenty files deleted in an afternoon
-- access:
--   user_id | action | local_ts         | rows
--   ana     | delete | 2026-01-05 15:00 |   20
-- expect:
--   user_id | day        | files
--   ana     | 2026-01-05 |    20
-- ///

-- /// silent: somebody who tidies up, and reads a lot
-- access:
--   user_id | action | local_ts         | rows
--   bo      | delete | 2026-01-05 15:00 |   10
--   bo      | view   | 2026-01-05 16:00 |   40
-- ///

-- /// silent: files that could not be deleted
-- access:
--   user_id | action | outcome | local_ts         | rows
--   bo      | delete | failure | 2026-01-05 15:00 |   40
-- ///

-- /// silent: a backup job
-- access:
--   account | action | local_ts         | rows
--   backup  | delete | 2026-01-05 03:00 |   40
-- accounts:
--   account | kind
--   backup  | service
-- ///
