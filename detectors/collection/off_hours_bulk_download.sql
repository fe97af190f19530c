-- /// detector
-- title = "Bulk download after hours, far above the person's own habit"
-- level = "high"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039", "itm.if002"]
-- lookback = "0d"
-- says = """\
-- {user_id} downloaded {files} files outside own hours; \
-- usual {usual}, most in 90 days {usual_max}"""
-- description = """
-- People who leave with data collect it while the office is empty. The yardstick is the
-- person's own past: an analyst's usual day is a clerk's usual year.
-- """
-- falsepositives = [
--   "a night shift that is missing in shifts.csv",
--   "quarter-end exports, a migration, restoring a laptop",
-- ]
-- blindspots = [
--   "slow leaks (see night_visit_chain)",
--   "a burst across 05:00, where days end, with too few on either side",
--   "people in their first week",
--   "documents that are viewed or photographed, not downloaded",
-- ]
-- needs = ["access.download"]
-- triage = """
-- Which folders and labels, and were they ever this person's work? Was the badge in the
-- building? Then writes to removable media and uploads of that night. Secure the raw
-- log and the host. Ask the manager about the work only after the evidence is safe.
-- """
-- ///

SELECT
    user_id,
    day,
    x::INT AS files,
    usual,
    usual_max::INT AS usual_max,
    surprise
FROM user_day
WHERE
    feature = 'off_hours_downloads'
    AND x >= knob('min_files', 50)  -- fewer is never bulk
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 2);  -- odds below 1 in 100 for them

-- /// fires: 240 files at 02:00 by someone who takes 20 in the day
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | download | 2026-01-05 10:00 |   20 |   80
--   ana     | download | 2026-04-01 02:00 |  240 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-03-31 |   240
-- ///

-- /// fires: fifty files on a Saturday by someone who only reads
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | view     | 2026-01-05 10:00 |    5 |   40
--   ana     | download | 2026-02-14 10:00 |   50 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-02-14 |    50
-- ///

-- /// silent: a night worker whose every night looks like this
-- access:
--   user_id | action   | local_ts         | rows | days
--   bo      | download | 2026-01-05 02:00 |  240 |   90
-- ///

-- /// silent: forty files on one late evening before a trip
-- access:
--   user_id | action   | local_ts         | rows | days
--   cy      | download | 2026-01-05 10:00 |    5 |   60
--   cy      | download | 2026-03-05 20:30 |   40 |
-- ///

-- /// silent: the same 240 files in office hours, which is another detector's matter
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | download | 2026-01-05 10:00 |   20 |   80
--   ana     | download | 2026-04-01 11:00 |  240 |
-- ///

-- /// silent: a newcomer's second evening, copying templates
-- access:
--   user_id | action   | local_ts         | rows | days
--   di      | view     | 2026-03-02 10:00 |    5 |    2
--   di      | download | 2026-03-03 19:00 |   80 |
-- ///

-- /// silent: a heavy evening of someone who works most evenings
-- access:
--   user_id | action   | local_ts         | rows | days
--   ed      | download | 2026-01-05 20:00 |   60 |   10
--   ed      | download | 2026-01-15 20:00 |   20 |   10
--   ed      | download | 2026-01-25 20:00 |   55 |   10
--   ed      | download | 2026-02-04 20:00 |   15 |   10
--   ed      | download | 2026-02-16 20:00 |   70 |
-- ///
