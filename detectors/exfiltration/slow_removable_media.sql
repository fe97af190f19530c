-- /// detector
-- title = "Files written to removable media for months, far above own past and peers"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "30d"
-- says = """\
-- {user_id} wrote to removable media for weeks, far above own past and \
-- peers: {stood_out}"""
-- description = """
-- Three files a day on a stick pass every threshold of a day. Their sum over a month,
-- a quarter or a year does not: it is measured against the year before it, and against
-- the peers' sum.
-- """
-- falsepositives = [
--   "a new task that goes with media",
--   "sticks prepared for customers, week after week",
-- ]
-- blindspots = [
--   "an insider whose whole known past was like this",
--   "fewer files than the least number, spread over a year",
--   "one large archive counts as one file (see removable_media_surge for bytes)",
-- ]
-- needs = ["usb.write"]
-- triage = """
-- Whose device, which files, which labels, at what hours? Compare with the downloads of
-- the same weeks. Secure the serial of the device and the host's own log before anybody
-- is told.
-- """
-- ///

WITH sums AS (
    SELECT
        user_id,
        day,
        feature,
        cusum,
        unnest([30, 90, 365]) AS span,
        unnest([x30, x90, x365]) AS x,
        unnest([usual30, usual90, usual365]) AS usual,
        unnest([peers30, peers90, peers365]) AS peers,
        unnest([surprise30, surprise90, surprise365]) AS surprise
    FROM user_slow
    WHERE feature IN ('media_writes', 'off_hours_media_writes')
),

-- A baseline that can be trained is never the only guard: the number itself is another.
above AS (
    SELECT
        *,
        count(*) OVER earlier AS days_above
    FROM sums
    WHERE
        x >= knob('min_files', 50)  -- fewer is a trade fair
        -- Every sum is asked anew each day: so one in a hundred is little.
        AND surprise >= knob('min_surprise', 3)
        AND x >= knob('times_peers', 2) * peers  -- what the team does is its work
        AND cusum >= knob('min_cusum', 5)  -- one wild day adds 2.5
    WINDOW earlier AS (
        PARTITION BY user_id, feature, span
        ORDER BY day
        RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
    )
)

SELECT
    user_id,
    day,
    max(surprise) AS surprise,
    max(x) AS files,
    string_agg(
        format(
            '{:.0f} {} in {} days against {:.0f} usual and {:.0f} of peers',
            x,
            replace(feature, '_', ' '),
            span,
            usual,
            peers
        ),
        '; '
        ORDER BY feature, span
    ) AS stood_out
FROM above
WHERE days_above = 0  -- said once, when it begins, not every day for weeks
GROUP BY user_id, day;

-- /// fires: three files a day, once they are fifty, and not on each day after
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    1 |   60
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   ana     | write  | 2026-03-02 11:00 |    3 |   20
-- expect:
--   user_id | day        | files
--   ana     | 2026-03-24 |    51
-- ///

-- /// fires: eight times as much as always, while a colleague goes on as before
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   ana     | write  | 2026-01-05 10:00 |    2 |   60
--   ana     | write  | 2026-03-02 11:00 |   14 |   20
--   bo      | write  | 2026-01-05 10:00 |    2 |   60
-- expect:
--   user_id | day
--   ana     | 2026-03-11
-- ///

-- /// fires: a few days in spring, and again after Easter
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    1 |   90
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   ana     | write  | 2026-03-02 22:00 |   20 |    4
--   ana     | write  | 2026-04-27 22:00 |   20 |    4
-- expect:
--   user_id | day
--   ana     | 2026-03-04
--   ana     | 2026-04-29
-- ///

-- /// silent: a lab that has always carried its data on sticks
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   bo      | write  | 2026-01-05 10:00 |   12 |   60
-- ///

-- /// silent: two files a day for a month of much reading
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    1 |   60
--   cy      | view   | 2026-03-02 11:00 |   30 |   20
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   cy      | write  | 2026-03-02 11:00 |    2 |   20
-- ///

-- /// silent: a busy month, two thirds above the usual
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   di      | write  | 2026-01-05 10:00 |   10 |   60
--   di      | write  | 2026-03-02 11:00 |    7 |   20
-- ///

-- /// silent: a campaign for which the whole team prepares sticks
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ed      | view   | 2026-01-05 10:00 |    1 |   60
--   fe      | view   | 2026-01-05 10:00 |    1 |   60
--   gi      | view   | 2026-01-05 10:00 |    1 |   60
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   ed      | write  | 2026-03-02 11:00 |    8 |   20
--   fe      | write  | 2026-03-02 11:00 |    9 |   20
--   gi      | write  | 2026-03-02 11:00 |    7 |   20
-- ///

-- /// silent: a newcomer's first weeks
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   hu      | write  | 2026-03-02 10:00 |   30 |   20
-- ///

-- /// silent: a stick for a trade fair, and ordinary weeks after it
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   jo      | write  | 2026-01-05 10:00 |    2 |   60
--   jo      | write  | 2026-03-02 11:00 |  200 |    1
-- ///
