-- /// detector
-- title = "Deletes in a day, far above the person's own habit"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.impact", "attack.t1485", "itm.if013.001", "itm.af015"]
-- lookback = "0d"
-- says = """\
-- {user_id} deleted {files} files in a day; \
-- usual {usual}, most in 90 days {usual_max}"""
-- description = """
-- Who leaves in anger deletes what others need, and who has copied deletes the traces.
-- People differ in how much they tidy up, so each is measured by the own days, and a
-- day by the most of the last 90.
-- """
-- falsepositives = [
--   "a spring clean of a project, or of own folders before a laptop goes back",
--   "a synchronising program that deletes in the person's name",
-- ]
-- blindspots = [
--   "a folder that is deleted as one, where the log names only the folder",
--   "files that are emptied or written over; a recycle bin that is emptied later",
--   "a few important ones; a hundred of somebody who once deleted as many",
--   "people in their first week",
-- ]
-- needs = ["access.delete"]
-- triage = """
-- Are they in the recycle bin or in a snapshot? Secure it before it expires. Whose
-- were they, and were they copied by that person before? Is a notice known?
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
    feature = 'deletes'
    AND x >= knob('min_files', 100)  -- fewer is tidying up
    AND x >= knob('times_most', 2) * usual_max  -- a spring clean comes again
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 3);  -- odds below 1 in 1,000 for them

-- /// fires: a hundred files by somebody who deletes two a day
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | delete | 2026-01-05 10:00 | 2    | 20
--   ana     | delete | 2026-02-02 17:00 | 100  |
-- expect:
--   user_id | day        | files
--   ana     | 2026-02-02 | 100
-- ///

-- /// fires: twice as many as in the clean before, and a first hundred on the sixth day
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | delete | 2026-01-05 10:00 | 2    | 60
--   ana     | delete | 2026-01-13 11:00 | 88   |
--   ana     | delete | 2026-03-25 17:00 | 178  |
--   bo      | view   | 2026-01-05 10:00 | 5    | 5
--   bo      | delete | 2026-01-12 17:00 | 100  |
-- expect:
--   user_id | day        | files
--   ana     | 2026-03-25 | 180
--   bo      | 2026-01-12 | 100
-- ///

-- /// silent: ninety files of an old project, and a failed attempt at a thousand
-- access:
--   user_id | action | local_ts         | rows | workdays | outcome
--   bo      | delete | 2026-01-05 10:00 | 2    | 20       | success
--   bo      | delete | 2026-02-02 17:00 | 90   |          | success
--   bo      | delete | 2026-02-02 18:00 | 1000 |          | failure
--   bo      | view   | 2026-02-03 10:00 | 500  |          | success
-- ///

-- /// fires: a first spring clean of 110 files, and not one less than twice as large
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 | 5    | 80
--   cy      | delete | 2026-01-30 10:00 | 110  |
--   cy      | delete | 2026-03-31 10:00 | 210  |
-- expect:
--   user_id | day        | files
--   cy      | 2026-01-30 | 110
-- ///

-- /// silent: an archivist whose days differ widely
-- access:
--   user_id | action | local_ts         | rows
--   ed      | delete | 2026-01-05 10:00 | 60
--   ed      | delete | 2026-01-06 10:00 | 10
--   ed      | delete | 2026-01-07 10:00 | 40
--   ed      | delete | 2026-01-08 10:00 | 55
--   ed      | delete | 2026-01-09 10:00 | 15
--   ed      | delete | 2026-01-12 10:00 | 50
--   ed      | delete | 2026-01-13 10:00 | 45
--   ed      | delete | 2026-01-14 10:00 | 20
--   ed      | delete | 2026-01-15 10:00 | 60
--   ed      | delete | 2026-01-16 10:00 | 120
-- ///

-- /// silent: a newcomer on the fourth day, who clears the desk of the one before
-- access:
--   user_id | action | local_ts         | rows | days
--   new     | view   | 2026-03-02 10:00 |    5 |    3
--   new     | delete | 2026-03-05 10:00 |  150 |
-- ///
