-- /// detector
-- title = "Uploads or shares far above the person's own habit"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1567.002", "itm.if001"]
-- lookback = "0d"
-- says = """\
-- {user_id} uploaded or shared {files} files in a day; \
-- usual {usual}, most in 90 days {usual_max}"""
-- description = """
-- A store in the web takes what no stick could, and needs no visit at night. Few people
-- upload more than a file or two a day, so own past and peers tell early.
-- """
-- falsepositives = [
--   "a delivery to a customer, a new project's first exchange of files",
--   "a web form or a ticket system that counts as upload",
-- ]
-- blindspots = [
--   "where it went: own and foreign stores are counted alike",
--   "a program that synchronises (action sync)",
--   "a few files a day",
--   "people in their first week",
-- ]
-- needs = ["access.upload|share"]
-- triage = """
-- Where did they go, and whose account is it there? Which labels? Has this person given
-- notice? The proxy's log has the sizes. Ask the store's operator to keep the files
-- before the account is closed.
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
    feature = 'uploads'
    AND x >= knob('min_files', 10)  -- fewer is a letter with its enclosures
    AND x >= knob('times_most', 1.25) * usual_max  -- a habit grows a little
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 2);  -- odds below 1 in 100 for them

-- /// fires: twelve uploads by someone who has one a day
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | upload | 2026-01-05 10:00 |    1 |   60
--   ana     | upload | 2026-03-10 11:00 |   12 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-03-10 |    12
-- ///

-- /// fires: ten documents shared by someone who only reads, in the second week
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    5 |    9
--   ana     | share  | 2026-01-16 10:00 |   10 |
-- expect:
--   user_id | day        | files
--   ana     | 2026-01-16 |    10
-- ///

-- /// silent: eight enclosures by someone who never uploads, and reads much on that day
-- access:
--   user_id | action | local_ts         | rows | workdays
--   bo      | view   | 2026-01-05 10:00 |    5 |   40
--   bo      | upload | 2026-03-02 11:00 |    8 |
--   bo      | view   | 2026-03-02 10:30 |   60 |
-- ///

-- /// fires: a first delivery, and not the two that are a little larger
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    5 |   80
--   cy      | upload | 2026-01-30 11:00 |   40 |
--   cy      | upload | 2026-02-27 11:00 |   43 |
--   cy      | upload | 2026-03-31 11:00 |   46 |
-- expect:
--   user_id | day        | files
--   cy      | 2026-01-30 |    40
-- ///

-- /// silent: a newcomer's first days, handing in forms
-- access:
--   user_id | action | local_ts         | rows | days
--   di      | view   | 2026-03-02 10:00 |    5 |    3
--   di      | upload | 2026-03-05 11:00 |   20 |
-- ///

-- /// silent: a web editor whose days differ widely, on a good one
-- access:
--   user_id | action | local_ts         | rows
--   ed      | upload | 2026-01-05 10:00 |   12
--   ed      | upload | 2026-01-06 10:00 |    3
--   ed      | upload | 2026-01-07 10:00 |   15
--   ed      | upload | 2026-01-08 10:00 |    2
--   ed      | upload | 2026-01-09 10:00 |    9
--   ed      | upload | 2026-01-12 10:00 |    5
--   ed      | upload | 2026-01-13 10:00 |   14
--   ed      | upload | 2026-01-14 10:00 |    1
--   ed      | upload | 2026-01-15 10:00 |   11
--   ed      | upload | 2026-01-16 10:00 |   20
-- ///

-- /// silent: a program that synchronises, and refused uploads
-- access:
--   user_id | action | outcome | local_ts         | rows | workdays
--   fe      | view   |         | 2026-01-05 10:00 |    5 |   40
--   fe      | sync   |         | 2026-03-02 11:00 |   50 |
--   fe      | upload | failure | 2026-03-02 12:00 |   50 |
-- ///
