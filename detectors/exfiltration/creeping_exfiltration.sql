-- /// detector
-- title = "Files carried or sent out day after day above own habit, until it adds up"
-- level = "medium"
-- status = "stable"
-- tags = [
--   "attack.exfiltration", "attack.t1052.001", "attack.t1567.002", "itm.if002",
--   "itm.if001",
-- ]
-- lookback = "30d"
-- says = """\
-- {user_id} has carried or sent out more than usual, day after day: {stood_out}"""
-- description = """
-- Somebody carries out a little more than ever, and does so again and again. No day
-- stands out and no sum is large; a sum of the distances from the own past does (CUSUM,
-- Page 1954): single wild days hardly add to it, a steady rise does. It is said when it
-- begins, and again each time that the sum has doubled.
-- """
-- falsepositives = [
--   "a new task that goes with media, or with a customer's store",
--   "sticks prepared for a fair, day after day",
-- ]
-- blindspots = [
--   "an insider whose whole known past was like this",
--   "who began before there were five days of history",
--   "one large archive counts as one file",
-- ]
-- triage = """
-- Since when, which files and labels, to whose device or which store? Has the task
-- changed, as the manager knows it, asked as a question about workload? Look at the
-- downloads of the same weeks, and secure the serial of the device.
-- """
-- ///

WITH risen AS (
    SELECT
        user_id,
        day,
        feature,
        x30,
        usual30,
        cusum,
        -- One wild day adds 2.5, half a year of ordinary ones a few.
        floor(log2(cusum / knob('min_cusum', 9))) AS doubled
    FROM user_slow
    WHERE
        feature IN ('media_writes', 'off_hours_media_writes', 'uploads')
        AND cusum >= knob('min_cusum', 9)
        AND x30 >= knob('min_files', 20)  -- fewer is nothing worth the trouble
        -- What is usual grows with the whole team's work; the CUSUM does not.
        AND x30 >= knob('times_usual', 1.5) * usual30
),

told AS (
    SELECT
        *,
        max(doubled) OVER earlier AS already
    FROM risen
    WINDOW earlier AS (
        PARTITION BY user_id, feature
        ORDER BY day
        RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
    )
)

SELECT
    user_id,
    day,
    -- With a slack of a half, each 2.3 more are ten times as rare (Siegmund 1985).
    least(10, max(cusum) / ln(10)) AS surprise,
    max(x30) AS files,
    string_agg(
        format(
            '{:.0f} {} in 30 days against {:.0f} usual (CUSUM {:.0f})',
            x30,
            replace(feature, '_', ' '),
            usual30,
            cusum
        ),
        '; '
        ORDER BY feature
    ) AS stood_out
FROM told
WHERE already IS NULL OR doubled > already
GROUP BY user_id, day;

-- /// fires: three files a day, after years of none
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    1 |   60
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   ana     | write  | 2026-03-02 11:00 |    3 |   20
-- expect:
--   user_id | day
--   ana     | 2026-03-10
--   ana     | 2026-03-11
--   ana     | 2026-03-23
-- ///

-- /// fires: an upload a day becomes three
-- access:
--   user_id | action | local_ts         | rows | workdays
--   wei     | upload | 2026-01-05 10:00 |    1 |   60
--   wei     | upload | 2026-03-02 11:00 |    2 |   20
-- expect:
--   user_id | day
--   wei     | 2026-03-12
--   wei     | 2026-03-24
-- ///

-- /// silent: prints, more and more of them
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ri      | print  | 2026-01-05 10:00 |    3 |   60
--   ri      | print  | 2026-03-02 11:00 |    6 |   20
-- ///

-- /// silent: one file more a day, not yet twenty in a month
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   cy      | write  | 2026-03-02 11:00 |    1 |   19
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    1 |   60
-- ///

-- /// silent: two fifths more than usual, for good
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   di      | write  | 2025-10-06 10:00 |   40 |  150
--   di      | write  | 2026-03-02 11:00 |   19 |   45
-- ///

-- /// silent: a stick for a trade fair
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   jo      | write  | 2026-01-05 10:00 |    2 |   60
--   jo      | write  | 2026-03-02 11:00 |  200 |    1
-- ///
