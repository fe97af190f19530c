-- /// detector
-- title = "Documents taken over weeks and months, far above own past and peers"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039", "itm.if002"]
-- lookback = "30d"
-- says = """\
-- {user_id} collected documents for weeks, far above own past and \
-- peers: {stood_out}"""
-- description = """
-- A few documents a day are no event, on no day. Their sum over a month, a quarter or a
-- year is one: it is measured against the year before it, and against the peers' sum.
-- """
-- falsepositives = [
--   "a new project or role that lives of documents",
--   "one person's share of a migration",
-- ]
-- blindspots = [
--   "an insider whose whole known past was like this",
--   "fewer documents than the least number, spread over a year",
--   "the same document counts again on each further day",
-- ]
-- triage = """
-- Which documents, which labels, whose projects, at what hours? Is there a task that
-- the manager knows of, asked as a question about workload? Look at media, uploads and
-- prints of the same weeks, and secure them before anybody is told.
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
    WHERE feature IN ('downloads', 'off_hours_downloads')
),

-- A baseline that can be trained is never the only guard: the number itself is another.
above AS (
    SELECT
        *,
        count(*) OVER earlier AS days_above
    FROM sums
    WHERE
        x >= knob('min_documents', 100)  -- fewer is a busy month
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
    max(x) AS documents,
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

-- /// fires: eight documents a night, once they are a hundred, and only then
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | view     | 2026-01-05 10:00 |    1 |   60
--   ana     | download | 2026-03-02 22:00 |    8 |   20
-- expect:
--   user_id | day        | documents
--   ana     | 2026-03-18 |       104
-- ///

-- /// fires: four times as much as always, while a colleague goes on as before
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | download | 2026-01-05 10:00 |   10 |   60
--   ana     | download | 2026-02-23 11:00 |   30 |   25
--   bo      | download | 2026-01-05 10:00 |   10 |   60
-- expect:
--   user_id | day
--   ana     | 2026-03-17
-- ///

-- /// fires: a week of it in spring, and again after Easter: first the quarter
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | view     | 2025-12-08 10:00 |    1 |  110
--   ana     | download | 2026-03-02 22:00 |   30 |    5
--   ana     | download | 2026-04-27 22:00 |   30 |    5
-- expect:
--   user_id | day
--   ana     | 2026-03-05
--   ana     | 2026-04-29
--   ana     | 2026-04-30
-- ///

-- /// silent: an analyst who has always taken that much
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   bo      | download | 2026-01-05 10:00 |   20 |   60
-- ///

-- /// silent: three documents a night for a month
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   cy      | view     | 2026-01-05 10:00 |    1 |   60
--   cy      | download | 2026-03-02 22:00 |    3 |   20
-- ///

-- /// silent: a busy month, two thirds above the usual, and one of much reading
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   di      | download | 2026-01-05 10:00 |   10 |   60
--   di      | download | 2026-03-02 11:00 |    7 |   20
--   ri      | view     | 2026-01-05 10:00 |    1 |   60
--   ri      | view     | 2026-03-02 11:00 |   30 |   20
-- ///

-- /// silent: the last weeks of a project, worked by its whole team
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ed      | view     | 2026-01-05 10:00 |    1 |   60
--   ed      | download | 2026-03-02 20:00 |    8 |   20
--   fe      | view     | 2026-01-05 10:00 |    1 |   60
--   fe      | download | 2026-03-02 20:00 |    9 |   20
--   gi      | view     | 2026-01-05 10:00 |    1 |   60
--   gi      | download | 2026-03-02 20:00 |    7 |   20
-- ///

-- /// silent: a newcomer's first weeks
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   hu      | download | 2026-03-02 10:00 |   30 |   20
-- ///

-- /// silent: a migration on one night, and ordinary weeks after it
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   jo      | download | 2026-01-05 10:00 |    3 |   60
--   jo      | download | 2026-03-02 22:00 |  300 |    1
-- ///
