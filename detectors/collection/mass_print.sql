-- /// detector
-- title = "Printed far more than ever, or far more labelled documents than usual"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "itm.if002"]
-- lookback = "0d"
-- says = "{user_id} printed far more than usual: {stood_out}"
-- description = """
-- Paper passes every gate and leaves no trace on a stick. A burst of prints is measured
-- by own past and peers; of confidential and classified documents a few are enough.
-- """
-- falsepositives = [
--   "papers for a board, a fair, an auditor",
--   "a printer that was broken for a week",
-- ]
-- blindspots = [
--   "pages: one document of 500 pages is one",
--   "prints that pass by the server whose log this is, and copies at the machine",
--   "labels that neither the log nor labels.csv knows",
--   "a few each day, and people in their first week",
-- ]
-- needs = ["access.print"]
-- triage = """
-- Which documents, at what hour, at which printer, and was the paper fetched? The
-- printer's own store often holds the last jobs: secure it before it is overwritten.
-- """
-- ///

WITH bursts AS (
    SELECT
        user_id,
        day,
        surprise,
        x,
        format(
            '{:.0f} {} in a day against {:.1f} usual',
            x,
            replace(feature, '_', ' '),
            usual
        ) AS said
    FROM user_day
    WHERE
        feature IN ('prints', 'labelled_prints')
        AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
        AND x >= knob('times_most', 1.5) * usual_max  -- a habit grows a little
        AND surprise >= knob('min_surprise', 3)  -- odds below 1 in 1,000 for them
        AND CASE feature
            WHEN 'prints' THEN x >= knob('min_prints', 40)  -- fewer is a meeting
            ELSE x >= knob('min_labelled', 5)  -- four are a meeting's
        END
)

SELECT
    user_id,
    day,
    max(x)::INT AS documents,
    max(surprise) AS surprise,
    array_agg(said ORDER BY said) AS stood_out
FROM bursts
GROUP BY user_id, day;

-- /// fires: sixty papers by someone who prints three a day
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | print  | 2026-01-05 10:00 |    3 |   40
--   ana     | print  | 2026-02-18 11:00 |   60 |
-- expect:
--   user_id | day        | documents | stood_out
--   ana     | 2026-02-18 |        60 | 60 prints in a day against 3.0 usual
-- ///

-- /// fires: five secrets among the twenty papers of every day, in the second week
-- access:
--   user_id | action | label  | local_ts         | rows | workdays
--   bo      | print  |        | 2026-01-05 10:00 |   20 |    6
--   bo      | print  | secret | 2026-01-12 11:00 |    5 |
-- expect:
--   user_id | day        | documents
--   bo      | 2026-01-12 |         5
-- ///

-- /// fires: a first board of forty papers, one twice as large, none a little larger
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    5 |       70
--   cy      | print  | 2026-01-30 11:00 |   40 |
--   cy      | print  | 2026-02-27 11:00 |   50 |
--   cy      | print  | 2026-03-31 11:00 |  100 |
-- expect:
--   user_id | day        | documents
--   cy      | 2026-01-30 |        40
--   cy      | 2026-03-31 |       100
-- ///

-- /// silent: thirty papers for a fair, four of them secret, and much only read
-- access:
--   user_id | action | label  | outcome | local_ts         | rows | days
--   di      | view   | secret |         | 2026-01-05 10:00 |    5 |   40
--   di      | print  |        |         | 2026-02-18 11:00 |   26 |
--   di      | print  | secret |         | 2026-02-18 11:00 |    4 |
--   di      | print  | secret | failure | 2026-02-18 11:00 |   60 |
--   di      | view   | secret |         | 2026-02-18 11:00 |  200 |
-- ///

-- /// silent: a night clerk whose every shift prints as many, on a good night
-- access:
--   user_id | action | local_ts         | rows
--   ed      | print  | 2026-01-05 23:00 |   40
--   ed      | print  | 2026-01-06 23:00 |   15
--   ed      | print  | 2026-01-07 23:00 |   55
--   ed      | print  | 2026-01-08 23:00 |   20
--   ed      | print  | 2026-01-09 23:00 |   60
--   ed      | print  | 2026-01-12 23:00 |   35
--   ed      | print  | 2026-01-13 23:00 |   95
-- ///

-- /// silent: a newcomer's forms, and a spooler that prints for all
-- access:
--   user_id | account | action | local_ts         | rows | days
--   fe      | fe      | view   | 2026-03-02 10:00 |    5 |    3
--   fe      | fe      | print  | 2026-03-05 11:00 |   60 |
--           | spool   | view   | 2026-03-02 10:00 |    5 |   10
--           | spool   | print  | 2026-03-12 11:00 |  500 |
-- accounts:
--   account | user_id   | kind
--   spool   | svc-spool | service
-- ///
