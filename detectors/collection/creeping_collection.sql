-- /// detector
-- title = "Documents taken day after day above own habit, until it adds up"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039", "itm.if002"]
-- lookback = "30d"
-- says = """\
-- {user_id} has taken more documents than usual, day after day: {stood_out}"""
-- description = """
-- Somebody takes a little more than ever, and each week a little more than that. No day
-- stands out and no sum is large; a sum of the distances from the own past does (CUSUM,
-- Page 1954): single wild days hardly add to it, a steady rise does. It is said when it
-- begins, and again each time that the sum has doubled.
-- """
-- falsepositives = [
--   "a new project or role that lives of documents",
--   "somebody who comes back from part-time work to full time",
--   "a quarter's end in a team of fewer than ten, too few to tell what all of them do",
-- ]
-- blindspots = [
--   "an insider whose whole known past was like this",
--   "who began before there were five days of history",
--   "the same document counts again on each further day",
-- ]
-- triage = """
-- Since when, and which documents, labels and projects? Has the task changed, as the
-- manager knows it, asked as a question about workload? Look at media, uploads and
-- prints of the same weeks.
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
        feature IN ('downloads', 'off_hours_downloads')
        AND cusum >= knob('min_cusum', 9)
        AND x30 >= knob('min_documents', 20)  -- fewer is nothing worth the trouble
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
    max(x30) AS documents,
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

-- /// fires: a little more each fortnight, and again when it has doubled
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | download | 2026-01-05 10:00 |    3 |   60
--   ana     | download | 2026-03-02 11:00 |    2 |   30
--   ana     | download | 2026-03-16 11:00 |    2 |   20
--   ana     | download | 2026-03-30 11:00 |    2 |   10
-- expect:
--   user_id | day
--   ana     | 2026-03-24
--   ana     | 2026-04-10
-- ///

-- /// fires: a document or two on many nights, by which nobody's day grows
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   wei     | download | 2026-01-05 10:00 |    9 |   90
--   wei     | download | 2026-03-02 22:00 |    2 |   20
-- expect:
--   user_id | day
--   wei     | 2026-03-13
--   wei     | 2026-03-23
-- ///

-- /// silent: one document more, and one again: not yet twenty in a month
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   cy      | view     | 2026-01-05 10:00 |    1 |   60
--   cy      | download | 2026-03-02 11:00 |    1 |   19
-- ///

-- /// silent: more and more reading
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ri      | view     | 2026-01-05 10:00 |    3 |   60
--   ri      | view     | 2026-03-02 11:00 |    6 |   20
-- ///

-- /// silent: two fifths more than usual, for good
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   di      | download | 2025-10-06 10:00 |   40 |  150
--   di      | download | 2026-03-02 11:00 |   19 |   45
-- ///

-- /// silent: a folder taken along, twice in a month
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   jo      | download | 2026-01-05 10:00 |    3 |   60
--   jo      | download | 2026-03-02 11:00 |   90 |    1
--   jo      | download | 2026-03-17 11:00 |   90 |    1
-- ///

-- /// silent: the last weeks of a project, worked by its whole team of twelve
-- access:
--   user_id | action | local_ts | rows | workdays
--   p01 | download | 2026-01-05 10:00 |    3 |   80
--   p01 | download | 2026-03-02 11:00 |    3 |   30
--   p02 | download | 2026-01-05 10:00 |    3 |   80
--   p02 | download | 2026-03-02 11:00 |    3 |   30
--   p03 | download | 2026-01-05 10:00 |    3 |   80
--   p03 | download | 2026-03-02 11:00 |    3 |   30
--   p04 | download | 2026-01-05 10:00 |    3 |   80
--   p04 | download | 2026-03-02 11:00 |    3 |   30
--   p05 | download | 2026-01-05 10:00 |    3 |   80
--   p05 | download | 2026-03-02 11:00 |    3 |   30
--   p06 | download | 2026-01-05 10:00 |    3 |   80
--   p06 | download | 2026-03-02 11:00 |    3 |   30
--   p07 | download | 2026-01-05 10:00 |    3 |   80
--   p07 | download | 2026-03-02 11:00 |    3 |   30
--   p08 | download | 2026-01-05 10:00 |    3 |   80
--   p08 | download | 2026-03-02 11:00 |    3 |   30
--   p09 | download | 2026-01-05 10:00 |    3 |   80
--   p09 | download | 2026-03-02 11:00 |    3 |   30
--   p10 | download | 2026-01-05 10:00 |    3 |   80
--   p10 | download | 2026-03-02 11:00 |    3 |   30
--   p11 | download | 2026-01-05 10:00 |    3 |   80
--   p11 | download | 2026-03-02 11:00 |    3 |   30
--   p12 | download | 2026-01-05 10:00 |    3 |   80
--   p12 | download | 2026-03-02 11:00 |    3 |   30
-- ///
