-- /// detector
-- title = "Removable media used far more than ever before, at any hour"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "105d"
-- says = "{user_id} used removable media far more than before: {stood_out}"
-- description = """
-- Who has always used a stick and is about to leave uses it more: more files, more
-- bytes, or more often. Each of the three is measured against own past and peers, and
-- against the most of the last 90 days, so that a monthly backup is no surge.
-- """
-- falsepositives = [
--   "the first backup of a kind, sticks prepared for a workshop",
--   "a new task that goes with media",
-- ]
-- blindspots = [
--   "a slow increase",
--   "a few files of a person who never used media (see first_removable_media)",
--   "people in their first month",
--   "how often, where the agent logs no connects",
-- ]
-- needs = ["usb.write"]
-- triage = """
-- Which files, which labels, whose device? Has the person given notice, or changed
-- projects? Compare with what was downloaded that week. Secure the serial of the device
-- and the host's own log before anybody is told.
-- """
-- ///

WITH counts AS (
    SELECT
        user_id,
        day,
        feature,
        x,
        usual,
        surprise,
        -- Of working days and weekends alike: who copies on Saturday what was always
        -- copied on Fridays has only changed days.
        coalesce(max(x) OVER earlier, 0) AS most
    FROM user_day
    WHERE feature IN ('media_writes', 'media_bytes', 'media_connects')
    WINDOW earlier AS (
        PARTITION BY user_id, feature
        ORDER BY day
        -- The newest two weeks are left out: a surge must not excuse its next day.
        RANGE BETWEEN INTERVAL 104 DAYS PRECEDING AND INTERVAL 15 DAYS PRECEDING
    )
),

worked AS (
    SELECT
        user_id,
        day,
        count(*) OVER before AS days_before
    FROM presence
    WINDOW before AS (
        PARTITION BY user_id
        ORDER BY day
        RANGE BETWEEN INTERVAL 104 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
    )
),

surges AS (
    SELECT
        counts.user_id,
        counts.day,
        counts.surprise,
        CASE counts.feature
            WHEN 'media_writes'
                THEN format(
                    '{:.0f} files against {:.1f} usual and {:.0f} at most',
                    counts.x,
                    counts.usual,
                    counts.most
                )
            WHEN 'media_bytes'
                THEN format(
                    '{:.1f} GB against {:.1f} usual and {:.1f} at most',
                    counts.x / 1e9,
                    counts.usual / 1e9,
                    counts.most / 1e9
                )
            ELSE format(
                '{:.0f} connects against {:.1f} usual and {:.0f} at most',
                counts.x,
                counts.usual,
                counts.most
            )
        END AS said
    FROM counts
    INNER JOIN worked
        ON counts.user_id = worked.user_id AND counts.day = worked.day
    WHERE
        worked.days_before >= knob('min_days', 20)  -- a month of work
        AND counts.surprise >= knob('min_surprise', 2)  -- odds below 1 in 100 for them
        -- A backup grows a little from month to month.
        AND counts.x >= knob('times_most', 1.25) * counts.most
        AND CASE counts.feature
            -- A talk with its pictures is fewer.
            WHEN 'media_writes' THEN counts.x >= knob('min_files', 20)
            -- A film for a fair is smaller; packed folders are not.
            WHEN 'media_bytes' THEN counts.x >= 1e9 * knob('min_gigabytes', 1)
            -- Two or three are a stick carried to and fro.
            ELSE counts.x >= knob('min_connects', 5)
        END
)

SELECT
    user_id,
    day,
    array_agg(said ORDER BY said) AS stood_out,
    max(surprise) AS surprise
FROM surges
GROUP BY user_id, day;

-- /// fires: thirty files at eleven by someone who takes three a day
-- usb:
--   user_id | action | bytes | local_ts         | rows | workdays
--   ana     | write  | 90000 | 2026-01-05 10:00 |    3 |   40
--   ana     | write  | 90000 | 2026-03-02 11:00 |   30 |
-- expect:
--   user_id | day        | stood_out
--   ana     | 2026-03-02 | 30 files against 3.0 usual and 3 at most
-- ///

-- /// fires: nine connects by a regular user of two a day, and again the day after
-- usb:
--   user_id | action  | local_ts         | rows | every | workdays
--   ana     | connect | 2026-01-05 09:00 |    2 |  7200 |   40
--   ana     | connect | 2026-03-02 09:00 |    9 |  1800 |    2
-- expect:
--   user_id | day        | stood_out
--   ana     | 2026-03-02 | 9 connects against 2.0 usual and 2 at most
--   ana     | 2026-03-03 | 9 connects against 2.0 usual and 2 at most
-- ///

-- /// fires: one packed folder of four gigabytes by someone who takes a few slides
-- usb:
--   user_id | action | bytes      | local_ts         | rows | workdays
--   ana     | write  |     900000 | 2026-01-05 10:00 |    3 |   40
--   ana     | write  | 4000000000 | 2026-03-02 11:00 |    1 |
-- expect:
--   user_id | day        | stood_out
--   ana     | 2026-03-02 | 4.0 GB against 0.0 usual and 0.0 at most
-- ///

-- /// fires: two hundred files in office hours by someone who never used a stick
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    5 |   40
-- usb:
--   user_id | action | local_ts         | rows
--   ana     | write  | 2026-03-02 11:00 |  200
-- expect:
--   user_id | day        | stood_out
--   ana     | 2026-03-02 | 200 files against 0.0 usual and 0 at most
-- ///

-- /// silent: a monthly backup that grows a little
-- access:
--   user_id | action | local_ts         | rows | workdays
--   bo      | view   | 2026-01-05 10:00 |    5 |   80
-- usb:
--   user_id | action | bytes    | local_ts         | rows
--   bo      | write  | 30000000 | 2026-01-12 15:00 |   50
--   bo      | write  | 30000000 | 2026-02-09 15:00 |   55
--   bo      | write  | 30000000 | 2026-03-09 15:00 |   60
--   bo      | write  | 30000000 | 2026-04-13 15:00 |   65
-- ///

-- /// silent: a courier who takes the laboratory's results along every Friday
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    5 |   50
-- usb:
--   user_id | action | local_ts         | rows
--   cy      | write  | 2026-01-09 15:00 |   40
--   cy      | write  | 2026-01-16 15:00 |   44
--   cy      | write  | 2026-01-23 15:00 |   38
--   cy      | write  | 2026-01-30 15:00 |   42
--   cy      | write  | 2026-02-06 15:00 |   41
--   cy      | write  | 2026-02-13 15:00 |   45
--   cy      | write  | 2026-02-20 15:00 |   43
--   cy      | write  | 2026-02-27 15:00 |   46
-- ///

-- /// silent: a Saturday with as many files as on any working day before
-- access:
--   user_id | action | local_ts         | rows | workdays
--   di      | view   | 2026-01-05 10:00 |    5 |   40
--   di      | view   | 2026-01-10 10:00 |    5 |    1
--   di      | view   | 2026-01-10 10:00 |    5 |
--   di      | view   | 2026-01-17 10:00 |    5 |
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   di      | write  | 2026-01-05 11:00 |   30 |   40
--   di      | write  | 2026-02-28 11:00 |   30 |
-- ///

-- /// silent: a photographer whose days differ widely, on a good one
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ed      | view   | 2026-01-05 10:00 |    5 |   40
-- usb:
--   user_id | action | local_ts         | rows
--   ed      | write  | 2026-01-06 15:00 |    2
--   ed      | write  | 2026-01-08 15:00 |   25
--   ed      | write  | 2026-01-13 15:00 |    8
--   ed      | write  | 2026-01-15 15:00 |   40
--   ed      | write  | 2026-01-20 15:00 |    3
--   ed      | write  | 2026-01-22 15:00 |   18
--   ed      | write  | 2026-01-27 15:00 |   33
--   ed      | write  | 2026-01-29 15:00 |    5
--   ed      | write  | 2026-02-03 15:00 |   28
--   ed      | write  | 2026-02-24 15:00 |   51
-- ///

-- /// silent: ten slides and a film on the first stick ever, for a fair
-- access:
--   user_id | action | local_ts         | rows | workdays
--   fe      | view   | 2026-01-05 10:00 |    5 |   40
-- usb:
--   user_id | action  | bytes     | local_ts         | rows
--   fe      | connect |           | 2026-03-02 14:59 |
--   fe      | write   |   2000000 | 2026-03-02 15:00 |   10
--   fe      | write   | 600000000 | 2026-03-02 15:05 |
-- ///

-- /// silent: a newcomer's third week, setting up
-- access:
--   user_id | action | local_ts         | rows | workdays
--   gi      | view   | 2026-03-02 10:00 |    5 |   13
-- usb:
--   user_id | action  | local_ts         | rows | every
--   gi      | connect | 2026-03-17 11:00 |    6 |  1800
--   gi      | write   | 2026-03-17 11:00 |   60 |
-- ///

-- /// silent: a phone that charges, an empty slot, and a loose plug
-- access:
--   user_id | action | local_ts         | rows | workdays
--   hu      | view   | 2026-01-05 10:00 |    5 |   40
-- usb:
--   user_id | action  | device_class | local_ts         | rows | every
--   hu      | connect | mtp          | 2026-03-02 09:00 |    9 |  1800
--   hu      | connect | card_reader  | 2026-03-02 09:00 |    9 |  1800
--   hu      | connect | mass_storage | 2026-03-02 11:00 |    9 |    60
-- ///

-- /// silent: lock files and the recycle bin
-- access:
--   user_id | action | local_ts         | rows | workdays
--   jo      | view   | 2026-01-05 10:00 |    5 |   40
-- usb:
--   user_id | action | resource               | bytes      | local_ts
--   jo      | write  | E:/~$plan.docx         | 2000000000 | 2026-03-02 11:00
--   jo      | write  | E:/$RECYCLE.BIN/r1.bin | 2000000000 | 2026-03-02 11:00
-- ///

-- /// silent: a few files and connects more than usual
-- usb:
--   user_id | action  | local_ts         | rows | every | workdays
--   ki      | write   | 2026-01-05 10:00 |    1 |       |   40
--   ki      | connect | 2026-01-05 09:00 |    1 |       |   40
--   ki      | write   | 2026-03-02 10:00 |   12 |       |
--   ki      | connect | 2026-03-02 09:00 |    4 |  1800 |
-- ///
