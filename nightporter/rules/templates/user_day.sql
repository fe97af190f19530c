-- /// detector
-- title = "Replace: one line that says what it finds"
-- level = "low"  # informational, low, medium, high or critical
-- status = "experimental"  # stable once `detectors test --strict` holds
-- tags = ["attack.collection"]  # ids of ATT&CK and the Insider Threat Matrix
-- lookback = "0d"  # days before the scanned one that the SELECT reads
-- says = "{user_id} printed {documents} documents in a day; usual {usual}"
-- description = """
-- Replace: what somebody does, and why this shows it.
-- """
-- falsepositives = ["replace: who does this with good reason"]
-- blindspots = ["replace: what this cannot see"]
-- triage = """
-- Replace: what to check, what to secure, whom not to tip off.
-- """
-- ///

-- Replace: the features are listed in docs/tables.md; name them plainly, as here.
SELECT
    user_id,
    day,
    x::INT AS documents,
    usual,
    surprise
FROM user_day
WHERE
    feature = 'prints'
    AND x >= knob('min_documents', 30)  -- replace: fewer is a meeting
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 2);  -- odds below 1 in 100 for this person

-- Replace: `fires on ...` and `silent on ...` are sentences; a row names what matters.
-- /// fires: thirty prints by somebody who prints two a day
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | print  | 2026-01-05 10:00 |    2 |   40
--   ana     | print  | 2026-02-16 15:00 |   30 |
-- expect:
--   user_id | day        | documents
--   ana     | 2026-02-16 |        30
-- ///

-- /// silent: somebody with busy weeks, in a busier one
-- access:
--   user_id | action | local_ts         | rows | days
--   bo      | print  | 2026-01-05 10:00 |   60 |    5
--   bo      | print  | 2026-01-12 10:00 |   20 |    5
--   bo      | print  | 2026-01-19 10:00 |   60 |    5
--   bo      | print  | 2026-01-26 10:00 |   20 |    5
--   bo      | print  | 2026-02-02 10:00 |   80 |
-- ///

-- /// silent: twice the usual, but few
-- access:
--   user_id | action | local_ts         | rows | days
--   bo      | print  | 2026-01-05 10:00 |    2 |   40
--   bo      | print  | 2026-02-16 15:00 |   15 |
-- ///

-- /// silent: a new colleague, who begins with a large print
-- access:
--   user_id | action | local_ts         | rows | days
--   cy      | print  | 2026-01-05 10:00 |    2 |    3
--   cy      | print  | 2026-01-08 15:00 |   60 |
-- ///

-- /// silent: many documents that are read, not printed
-- access:
--   user_id | action | local_ts         | rows | days
--   bo      | print  | 2026-01-05 10:00 |    2 |   40
--   bo      | view   | 2026-02-16 15:00 |  200 |
-- ///
