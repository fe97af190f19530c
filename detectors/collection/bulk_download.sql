-- /// detector
-- title = "Bulk download at any hour, far above the person's own habit"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039"]
-- lookback = "0d"
-- says = """\
-- {user_id} downloaded {files} files in a day; \
-- usual {usual}, most in 90 days {usual_max}"""
-- description = """
-- Half of all thefts happen in office hours, where nothing but the number tells them
-- from work. So more is asked than after hours: twice as many files, longer odds, and
-- more than on any day of the last 90. A day goes from business day to business day, so
-- a burst across midnight is one.
-- """
-- falsepositives = [
--   "quarter-end exports, a migration, restoring a laptop",
--   "a new task that begins with a large folder",
-- ]
-- blindspots = [
--   "slow leaks (see slow_collection)",
--   "a burst across 05:00, where days end, with too few on either side",
--   "people in their first week",
--   "documents that are viewed or photographed, not downloaded",
--   "a hundred files of somebody who once took as many",
-- ]
-- needs = ["access.download"]
-- triage = """
-- Which folders and labels, and were they ever this person's work? Is a project ending,
-- is a notice known? Then writes to removable media and uploads of those days. Secure
-- the raw log and the host. Ask the manager only after the evidence is safe.
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
    feature = 'downloads'
    AND x >= knob('min_files', 100)  -- fewer is a busy day
    AND x >= knob('times_most', 1.25) * usual_max  -- a habit grows a little
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 3);  -- odds below 1 in 1,000 for them

-- /// fires: two hundred files at eleven by someone who takes twenty a day
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | download | 2026-01-05 10:00 |   20 |   80
--   ana     | download | 2026-04-01 11:00 |  200 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-04-01 |   200
-- ///

-- /// fires: a hundred files by someone who only reads, in the second week
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | view     | 2026-01-05 10:00 |    5 |    9
--   ana     | download | 2026-01-16 10:00 |  100 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-01-16 |   100
-- ///

-- /// fires: a burst across midnight, sixty files before and sixty after
-- access:
--   user_id | action   | local_ts         | rows | days
--   ana     | view     | 2026-01-05 10:00 |    5 |   40
--   ana     | download | 2026-02-13 23:30 |   60 |
--   ana     | download | 2026-02-14 00:10 |   60 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-02-13 |   120
-- ///

-- /// silent: ninety files before a trip, and a day on which much was only read
-- access:
--   user_id | action   | local_ts         | rows | days
--   bo      | download | 2026-01-05 10:00 |    5 |   60
--   bo      | download | 2026-03-05 11:00 |   90 |
--   ri      | view     | 2026-01-05 10:00 |    5 |   60
--   ri      | view     | 2026-03-05 11:00 |  150 |
-- ///

-- /// fires: a first month's end of 150 files, and not the two that are a little larger
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   cy      | view     | 2026-01-05 10:00 |    5 |   80
--   cy      | download | 2026-01-30 11:00 |  150 |
--   cy      | download | 2026-02-27 11:00 |  160 |
--   cy      | download | 2026-03-31 11:00 |  170 |
-- expect:
--   user_id | day        | files
--   cy      | 2026-01-30 |   150
-- ///

-- /// silent: a newcomer's first days, copying templates
-- access:
--   user_id | action   | local_ts         | rows | days
--   di      | view     | 2026-03-02 10:00 |    5 |    3
--   di      | download | 2026-03-05 11:00 |  120 |
-- ///

-- /// silent: someone whose days differ widely, on a good one
-- access:
--   user_id | action   | local_ts         | rows
--   ed      | download | 2026-01-05 10:00 |   60
--   ed      | download | 2026-01-06 10:00 |   20
--   ed      | download | 2026-01-07 10:00 |   75
--   ed      | download | 2026-01-08 10:00 |   15
--   ed      | download | 2026-01-09 10:00 |   50
--   ed      | download | 2026-01-12 10:00 |   30
--   ed      | download | 2026-01-13 10:00 |   70
--   ed      | download | 2026-01-14 10:00 |   10
--   ed      | download | 2026-01-15 10:00 |   65
--   ed      | download | 2026-01-16 10:00 |  110
-- ///
