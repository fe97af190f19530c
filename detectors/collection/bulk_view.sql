-- /// detector
-- title = "Document after document opened at the pace of a camera"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "itm.if002"]
-- lookback = "7d"
-- says = """\
-- {user_id} opened {documents} documents not opened in the week before, one every \
-- {pace} s, within {minutes} min; usual in a day {usual}"""
-- description = """
-- A screen that is photographed leaves no download: only one document after the other,
-- too slow for a program and too fast for reading, each of them new to this person. The
-- sitting ends where nothing is opened for five minutes.
-- """
-- falsepositives = [
--   "tidying up a folder, an index made by hand, an audit",
--   "a folder of pictures that is looked through",
-- ]
-- blindspots = [
--   "documents opened in the week before, and long ones of which each page is taken",
--   "a viewer that logs a preview, or nothing",
--   "pauses of five minutes after each handful, a sitting across the day's change",
--   "people in their first week",
-- ]
-- needs = ["access.view"]
-- triage = """
-- Whose documents, which labels, and is there a task? Who else was in the room: badge
-- reads and a camera in the corridor tell. A telephone leaves its traces elsewhere.
-- """
-- ///

WITH odd_days AS (
    SELECT
        user_id,
        day,
        usual,
        surprise
    FROM user_day
    WHERE
        feature = 'views'
        AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
        AND surprise >= knob('min_surprise', 2.5)  -- odds below 1 in 300 for them
),

opened AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        coalesce(resource_id, resource, event) AS doc
    FROM access
    WHERE
        action = 'view'
        AND outcome <> 'failure'
        AND NOT automated
        -- equivalent: nobody else's sittings have an odd day
        AND user_id IN (SELECT odd_days.user_id FROM odd_days)
),

-- The first of each document in a week.
fresh AS (
    SELECT *
    FROM opened
    WINDOW same AS (PARTITION BY user_id, doc ORDER BY ts ASC, event ASC)
    QUALIFY coalesce(epoch(ts) - epoch(lag(ts) OVER same), 1e9) > 7 * 86400
),

paced AS (
    SELECT
        fresh.*,
        odd_days.usual,
        odd_days.surprise,
        epoch(fresh.ts) - epoch(lag(fresh.ts) OVER earlier) AS gap
    FROM fresh
    INNER JOIN odd_days
        ON
            fresh.user_id = odd_days.user_id
            AND fresh.day = odd_days.day
    WINDOW earlier AS (
        PARTITION BY fresh.user_id, fresh.day
        ORDER BY fresh.ts ASC, fresh.event ASC
    )
),

numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE gap > 300) OVER earlier AS sitting
    FROM paced
    WINDOW earlier AS (PARTITION BY user_id, day ORDER BY ts ASC, event ASC)
),

sittings AS (
    SELECT
        user_id,
        day,
        usual,
        surprise,
        count(*) AS documents,
        round(median(gap), 1) AS pace,
        round((max(epoch(ts)) - min(epoch(ts))) / 60) AS minutes,
        array_agg(event ORDER BY ts, event) AS events
    FROM numbered
    GROUP BY user_id, day, usual, surprise, sitting
)

SELECT
    user_id,
    day,
    documents,
    pace,
    minutes,
    usual,
    surprise,
    events
FROM sittings
WHERE
    documents >= knob('min_documents', 30)  -- fewer is a search
    AND pace >= knob('min_seconds', 5)  -- a program is faster
    AND pace <= knob('max_seconds', 60)  -- who reads is slower
QUALIFY
    row_number() OVER (
        PARTITION BY user_id, day
        ORDER BY documents DESC, pace ASC, events ASC
    ) = 1;

-- /// fires: thirty-five documents beyond the daily five, and not the same next day
-- access:
--   user_id | action | local_ts         | every | rows | days
--   ana     | view   | 2026-01-05 10:00 |   900 |    5 |   20
--   ana     | view   | 2026-01-25 18:00 |    40 |   40 |    2
--   ana     | view   | 2026-01-25 19:00 |    40 |   30 |
-- expect:
--   user_id | day        | documents | pace | minutes
--   ana     | 2026-01-25 |        35 |   40 |      23
-- ///

-- /// fires: thirty in the second week, a pause of five minutes before the last
-- access:
--   user_id | action | resource | local_ts         | every | rows | workdays
--   bo      | view   | /p/a     | 2026-01-05 09:00 |       |      |        6
--   bo      | view   | /p/b     | 2026-01-05 09:59 |       |      |
--   bo      | view   | /p/b     | 2026-01-12 09:59 |       |      |
--   bo      | view   |          | 2026-01-12 10:00 |    60 |   29 |
--   bo      | view   | /p/c     | 2026-01-12 10:33 |       |      |
-- expect:
--   user_id | day        | documents | pace | minutes
--   bo      | 2026-01-12 |        30 |   60 |      33
-- ///

-- /// silent: a reader's pace, a program's, two sittings, refusals, downloads, a viewer
-- access:
--   user_id | action   | outcome | automated | local_ts         | every | rows | days
--   cy      | view     |         |           | 2026-01-05 10:00 |   900 |    3 |   20
--   cy      | view     |         |           | 2026-01-25 10:00 |    70 |   40 |
--   di      | view     |         |           | 2026-01-05 10:00 |   900 |    3 |   20
--   di      | view     |         |           | 2026-01-25 10:00 |     2 |   90 |
--   ed      | view     |         |           | 2026-01-05 10:00 |   900 |    3 |   20
--   ed      | view     |         |           | 2026-01-25 10:00 |    40 |   25 |
--   ed      | view     |         |           | 2026-01-25 11:00 |    40 |   25 |
--   ed      | view     | failure |           | 2026-01-25 10:17 |    40 |   25 |
--   ed      | view     |         | true      | 2026-01-25 10:17 |    40 |   25 |
--   ed      | download |         |           | 2026-01-25 10:17 |    40 |   25 |
-- ///

-- /// silent: a newcomer who goes through the handbook
-- access:
--   user_id | action | local_ts         | every | rows | days
--   fe      | view   | 2026-03-02 10:00 |    40 |    3 |    4
--   fe      | view   | 2026-03-06 10:00 |    40 |   60 |
-- ///

-- /// silent: a night clerk who is through forty a night, on a good one
-- access:
--   user_id | action | local_ts         | every | rows
--   gi      | view   | 2026-02-02 23:00 |    40 |   40
--   gi      | view   | 2026-02-03 23:00 |    40 |   15
--   gi      | view   | 2026-02-04 23:00 |    40 |   55
--   gi      | view   | 2026-02-05 23:00 |    40 |   30
--   gi      | view   | 2026-02-06 23:00 |    40 |   60
--   gi      | view   | 2026-02-16 23:00 |    40 |   80
--   gi      | print  | 2026-02-17 00:00 |    40 |   40
-- ///
