-- /// detector
-- title = "Files written to removable media outside the person's own hours"
-- level = "high"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "240d"
-- says = """\
-- {user_id} wrote {files} files to removable media outside own hours; \
-- usual {usual}, most in 90 days {usual_max}; \
-- {files_since} files since {began}, nights: {nights_since}"""
-- description = """
-- Two yardsticks. Surprise: so many files are rare for this person. New habit: the
-- nights began less than half a year ago after weeks of clean work, and the files add
-- up. The second stays when a patient insider has trained the first.
-- """
-- falsepositives = [
--   "a newly appointed administrator of backups, an approved transfer to a partner",
--   "a night shift that is missing in shifts.csv",
-- ]
-- blindspots = [
--   "a habit older than half a year, or one that began with the person's first weeks",
--   "hosts without an agent that logs file writes",
--   "media written in office hours (see removable_media_surge)",
-- ]
-- needs = ["usb.write"]
-- triage = """
-- Which files, which labels, whose device? Compare with downloads of the same week and
-- with badge reads of the night. Secure the device's serial and the host's own logs
-- before anybody is told. An administrator can edit logs: copy from the collector.
-- """
-- ///

WITH nights AS (
    SELECT
        user_id,
        day,
        x,
        usual,
        usual_max,
        n_days,
        surprise,
        min(day) OVER half_year AS began,
        sum(x) OVER half_year AS files_since,
        count(*) OVER half_year AS nights_since
    FROM user_day
    WHERE feature = 'off_hours_media_writes'
    WINDOW half_year AS (
        PARTITION BY user_id
        ORDER BY day
        RANGE BETWEEN INTERVAL 180 DAYS PRECEDING AND CURRENT ROW
    )
),

-- Days of work before it began, none of them with such a night.
clean AS (
    SELECT
        nights.user_id,
        nights.day,
        count(*) AS clean_days
    FROM nights
    INNER JOIN presence
        ON
            nights.user_id = presence.user_id
            AND presence.day BETWEEN nights.began - 60 AND nights.began - 1
    LEFT JOIN nights AS older
        ON
            presence.user_id = older.user_id
            AND presence.day = older.day
    GROUP BY nights.user_id, nights.day
    HAVING count(older.day) = 0
)

SELECT
    nights.user_id,
    nights.day,
    nights.x::INT AS files,
    nights.usual,
    nights.usual_max::INT AS usual_max,
    nights.files_since::INT AS files_since,
    nights.nights_since,
    nights.began,
    nights.surprise
FROM nights
LEFT JOIN clean
    ON nights.user_id = clean.user_id AND nights.day = clean.day
WHERE
    nights.x >= knob('min_files', 3)  -- one or two are a talk for tomorrow
    AND nights.n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND (
        nights.surprise >= knob('min_surprise', 2)  -- odds below 1 in 100
        OR (
            clean.clean_days >= knob('min_clean_days', 20)  -- a month without
            AND nights.files_since >= knob('new_habit_files', 40)  -- a folder's worth
        )
    );

-- /// fires: eight files a night, night after night, by someone whose history is clean
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |    5 |  150
-- usb:
--   user_id | action | local_ts         | rows | days
--   ana     | write  | 2026-03-09 22:30 |    8 |    5
--   ana     | write  | 2026-05-18 22:30 |    8 |    5
-- expect:
--   user_id | day        | files | files_since
--   ana     | 2026-03-09 |     8 |           8
--   ana     | 2026-03-10 |     8 |          16
--   ana     | 2026-03-11 |     8 |          24
--   ana     | 2026-03-12 |     8 |          32
--   ana     | 2026-03-13 |     8 |          40
--   ana     | 2026-05-18 |     8 |          48
--   ana     | 2026-05-19 |     8 |          56
--   ana     | 2026-05-20 |     8 |          64
--   ana     | 2026-05-21 |     8 |          72
--   ana     | 2026-05-22 |     8 |          80
-- ///

-- /// fires: a new habit of six weeks, which has long trained the baseline
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2025-12-07 10:00 |    5 |
--   ana     | view   | 2026-01-17 10:00 |    5 |   65
-- usb:
--   user_id | action | local_ts         | rows | days
--   ana     | write  | 2026-02-05 22:30 |    8 |   45
--   ana     | write  | 2026-03-22 22:30 |    9 |
-- expect:
--   user_id | files
--   ana     |     8
--   ana     |     9
-- ///

-- /// silent: an administrator whose every night has looked so since the logs began
-- usb:
--   user_id | action | local_ts         | rows | days
--   bo      | write  | 2026-01-05 23:00 |   40 |  250
-- ///

-- /// silent: someone who has begun to take a file or two home on some evenings
-- access:
--   user_id | action | local_ts         | rows | days
--   gi      | view   | 2026-01-05 10:00 |    5 |   60
-- usb:
--   user_id | action | local_ts         | rows | days
--   gi      | write  | 2026-01-27 19:00 |    2 |   18
--   gi      | write  | 2026-03-02 19:00 |    3 |
-- ///

-- /// silent: evenings with a stick that began in the first week of work
-- access:
--   user_id | action | local_ts         | rows | days
--   hu      | view   | 2026-03-02 10:00 |    5 |   60
-- usb:
--   user_id | action | local_ts         | rows | days
--   hu      | write  | 2026-03-05 19:00 |    8 |   50
-- ///

-- /// silent: two slides onto a stick at seven, before a morning flight
-- access:
--   user_id | action | local_ts         | rows | days
--   cy      | view   | 2026-01-05 10:00 |    5 |   60
-- usb:
--   user_id | action | local_ts         | rows
--   cy      | write  | 2026-03-05 19:00 |    2
-- ///

-- /// silent: a photographer who has always emptied cards on some evenings
-- access:
--   user_id | action | local_ts         | rows | days
--   di      | view   | 2026-01-05 10:00 |    5 |  100
-- usb:
--   user_id | action | local_ts         | rows | days
--   di      | write  | 2026-01-06 19:00 |    9 |    4
--   di      | write  | 2026-01-20 19:00 |    5 |    4
--   di      | write  | 2026-02-03 19:00 |   12 |    4
--   di      | write  | 2026-02-17 19:00 |    7 |    4
--   di      | write  | 2026-03-03 19:00 |   14 |
-- ///

-- /// silent: a newcomer's second evening
-- access:
--   user_id | action | local_ts         | rows | days
--   ed      | view   | 2026-03-02 10:00 |    5 |    2
-- usb:
--   user_id | action | local_ts         | rows
--   ed      | write  | 2026-03-03 19:00 |   30
-- ///

-- /// silent: office files written in office hours, and a lock file at night
-- access:
--   user_id | action | local_ts         | rows | days
--   fe      | view   | 2026-01-05 10:00 |    5 |   60
-- usb:
--   user_id | action | resource | local_ts         | rows
--   fe      | write  |          | 2026-03-05 11:00 |   30
--   fe      | write  | ~$a.docx | 2026-03-05 22:00 |    3
-- ///
