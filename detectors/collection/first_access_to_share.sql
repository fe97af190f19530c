-- /// detector
-- title = "First documents ever from a share to which hardly anybody new comes"
-- level = "low"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1039", "itm.pr004"]
-- lookback = "0d"
-- about = ["user_id", "folder"]
-- says = """\
-- {user_id} opened {documents} documents of {folder} (confidential or classified: \
-- {labelled}), for the first time in {n_days} active days; others who ever did: \
-- {peers}, new within 90 days: {peers_90d}"""
-- description = """
-- Who may read everything still reads what the work needs. The whole history counts,
-- not the last two weeks: a share of last quarter is not new. A share that is new to
-- all, or to a whole project, is a migration.
-- """
-- falsepositives = [
--   "a change of role, or the first of a team that moves to an old share",
--   "an audit",
-- ]
-- blindspots = [
--   "a folder below a share that the person has always used",
--   "shares that were read before the logs began",
--   "two or three documents a day, from another share each time",
-- ]
-- needs = ["access.resource"]
-- triage = """
-- Whose share is it, and does a task explain it? Ask for the task, not for the person.
-- Look at what was downloaded, printed or written to media in the days after.
-- """
-- ///

WITH firsts AS (
    SELECT
        user_id,
        value AS folder,
        day,
        n_days,
        peers,
        peers_90d,
        surprise,
        day - first_day_anyone AS age,
        count(*) OVER (PARTITION BY value, day) AS newcomers
    FROM seen
    WHERE kind = 'share' AND first_day = day
),

opened AS (
    SELECT
        access.user_id,
        access.day,
        -- As the kind share of `seen` has it: below the server, the drive or the site.
        regexp_extract(
            replace(access.resource, '\', '/'),
            '^(https?://[^/]+/((sites|teams|personal)/)?|[A-Za-z]:|//[^/]+/)?/*[^/]+'
        ) AS folder,
        count(DISTINCT coalesce(access.resource_id, access.resource)) AS documents,
        count(DISTINCT coalesce(access.resource_id, access.resource)) FILTER (
            WHERE
            lower(access.label) IN (
                'confidential',
                'strictly confidential',
                'restricted',
                'classified',
                'secret',
                'top secret'
            )
        ) AS labelled,
        array_agg(access.event ORDER BY access.ts, access.event) AS events
    FROM access
    SEMI JOIN firsts
        ON
            access.user_id = firsts.user_id
            AND access.day = firsts.day
    WHERE
        access.outcome <> 'failure'
        AND NOT access.automated
    GROUP BY access.user_id, access.day, folder
)

SELECT
    firsts.user_id,
    firsts.folder,
    firsts.day,
    opened.documents,
    opened.labelled,
    firsts.n_days,
    firsts.peers,
    firsts.peers_90d,
    firsts.surprise,
    opened.events
FROM firsts
INNER JOIN opened
    ON
        firsts.user_id = opened.user_id
        AND firsts.folder = opened.folder
        AND firsts.day = opened.day
WHERE
    opened.documents >= knob('min_documents', 5)  -- fewer is a link that was followed
    AND firsts.n_days >= knob('min_days', 20)  -- a month of work shows the own shares
    AND firsts.age >= knob('min_age', 30)  -- a younger share is new to everybody
    AND firsts.peers_90d <= knob('max_new_90d', 2)  -- more, and it is being opened up
    AND firsts.newcomers <= knob('max_newcomers', 2);  -- more is a project that moves

-- /// fires: a folder's worth of the finance share by an engineer
-- access:
--   user_id | action   | local_ts         | resource      | days | rows | label
--   ana     | view     | 2026-01-05 10:00 | /labs/plan    |   60 |      |
--   fin     | view     | 2026-01-05 10:00 | /finance/plan |   60 |      |
--   ana     | download | 2026-02-20 10:00 | /finance/a    |      |      | Confidential
--   ana     | download | 2026-02-20 10:01 | /finance/b    |      |      | internal
--   ana     | download | 2026-02-20 10:02 | /finance/c    |      |      |
--   ana     | view     | 2026-02-20 10:03 | /finance/d    |      |      | Secret
--   ana     | view     | 2026-02-20 10:04 | \finance\e    |      | 20   |
-- usb:
--   user_id | action  | local_ts         | device_id
--   fin     | connect | 2026-01-05 11:00 | /finance
--   gi      | connect | 2026-01-06 11:00 | /finance
--   ana     | connect | 2026-02-20 11:00 | /finance
-- expect:
--   user_id | folder   | documents | labelled | peers | peers_90d
--   ana     | /finance |         5 |        2 |     1 |         1
-- ///

-- /// fires: a newcomer to a share that three have used for half a year
-- access:
--   user_id | action | local_ts         | resource      | days
--   p1      | view   | 2026-01-05 10:00 | /finance/plan |
--   p2      | view   | 2026-01-05 10:00 | /finance/plan |
--   p3      | view   | 2026-01-05 10:00 | /finance/plan |
--   ana     | view   | 2026-05-05 10:00 | /labs/plan    |   25
--   p1      | view   | 2026-06-01 10:00 | /finance/plan |
--   p2      | view   | 2026-06-01 10:00 | /finance/plan |
--   p3      | view   | 2026-06-01 10:00 | /finance/plan |
--   ana     | view   | 2026-06-01 10:00 | /finance/a    |
--   ana     | view   | 2026-06-01 10:00 | /finance/b    |
--   ana     | view   | 2026-06-01 10:00 | /finance/c    |
--   ana     | view   | 2026-06-01 10:00 | /finance/d    |
--   ana     | view   | 2026-06-01 10:00 | /finance/e    |
-- expect:
--   user_id | folder   | peers | peers_90d
--   ana     | /finance |     3 |         0
-- ///

-- /// silent: a link that was followed, and a day of refusals
-- access:
--   user_id | action | local_ts         | resource      | days | outcome
--   ana     | view   | 2026-01-05 10:00 | /labs/plan    |   60 | success
--   fin     | view   | 2026-01-05 10:00 | /finance/plan |   60 | success
--   ana     | view   | 2026-02-20 09:00 | /labs/a       |      | success
--   ana     | view   | 2026-02-20 09:00 | /labs/b       |      | success
--   ana     | view   | 2026-02-20 09:00 | /labs/c       |      | success
--   ana     | view   | 2026-02-20 09:00 | /labs/d       |      | success
--   ana     | view   | 2026-02-20 10:00 | /finance/a    |      | success
--   ana     | view   | 2026-02-20 10:00 | /finance/b    |      | success
--   ana     | view   | 2026-02-20 10:01 | /finance/c    |      | failure
--   ana     | view   | 2026-02-20 10:02 | /finance/d    |      | failure
--   ana     | view   | 2026-02-20 10:03 | /finance/e    |      | failure
-- ///

-- /// silent: the share of last quarter, after half a year without it
-- access:
--   user_id | action | local_ts         | resource      | days
--   ana     | view   | 2026-01-05 10:00 | /labs/plan    |  180
--   fin     | view   | 2026-01-05 10:00 | /finance/plan |  180
--   ana     | view   | 2026-01-06 10:00 | /finance/plan |
--   ana     | view   | 2026-07-01 10:00 | /finance/a    |
--   ana     | view   | 2026-07-01 10:00 | /finance/b    |
--   ana     | view   | 2026-07-01 10:00 | /finance/c    |
--   ana     | view   | 2026-07-01 10:00 | /finance/d    |
--   ana     | view   | 2026-07-01 10:00 | /finance/e    |
-- ///

-- /// silent: a newcomer's second week
-- access:
--   user_id | action | local_ts         | resource      | days
--   fin     | view   | 2026-01-05 10:00 | /finance/plan |   60
--   new     | view   | 2026-02-09 10:00 | /common/start |   10
--   new     | view   | 2026-02-16 10:00 | /finance/a    |
--   new     | view   | 2026-02-16 10:00 | /finance/b    |
--   new     | view   | 2026-02-16 10:00 | /finance/c    |
--   new     | view   | 2026-02-16 10:00 | /finance/d    |
--   new     | view   | 2026-02-16 10:00 | /finance/e    |
-- ///

-- /// silent: a project whose share was given a new name last week
-- access:
--   user_id | action | local_ts         | resource      | days
--   ana     | view   | 2026-01-05 10:00 | /sensor/plan  |   45
--   bo      | view   | 2026-01-05 10:00 | /sensor/plan  |   45
--   bo      | view   | 2026-02-12 10:00 | /skin/plan    |
--   ana     | view   | 2026-02-19 10:00 | /skin/a       |
--   ana     | view   | 2026-02-19 10:00 | /skin/b       |
--   ana     | view   | 2026-02-19 10:00 | /skin/c       |
--   ana     | view   | 2026-02-19 10:00 | /skin/d       |
--   ana     | view   | 2026-02-19 10:00 | /skin/e       |
-- ///

-- /// silent: a third of a team that moves to an old share on one day
-- access:
--   user_id | action | local_ts         | resource     | days
--   old     | view   | 2026-01-05 10:00 | /skin/plan   |   60
--   ana     | view   | 2026-01-05 10:00 | /labs/plan   |   60
--   bo      | view   | 2026-01-05 10:00 | /labs/plan   |   60
--   cy      | view   | 2026-01-05 10:00 | /labs/plan   |   60
--   bo      | view   | 2026-02-19 10:00 | /skin/a      |
--   cy      | view   | 2026-02-19 10:00 | /skin/a      |
--   ana     | view   | 2026-02-19 10:00 | /skin/a      |
--   ana     | view   | 2026-02-19 10:00 | /skin/b      |
--   ana     | view   | 2026-02-19 10:00 | /skin/c      |
--   ana     | view   | 2026-02-19 10:00 | /skin/d      |
--   ana     | view   | 2026-02-19 10:00 | /skin/e      |
-- ///

-- /// silent: the common share, to which somebody new comes every month
-- access:
--   user_id | action | local_ts         | resource     | days
--   old     | view   | 2026-01-05 10:00 | /common/plan |   60
--   ana     | view   | 2026-01-05 10:00 | /labs/plan   |   60
--   bo      | view   | 2026-01-15 10:00 | /common/plan |
--   cy      | view   | 2026-02-10 10:00 | /common/plan |
--   ana     | view   | 2026-02-19 10:00 | /common/a    |
--   ana     | view   | 2026-02-19 10:00 | /common/b    |
--   ana     | view   | 2026-02-19 10:00 | /common/c    |
--   ana     | view   | 2026-02-19 10:00 | /common/d    |
--   ana     | view   | 2026-02-19 10:00 | /common/e    |
-- ///

-- /// silent: an indexer that reads a share under a person's account
-- access:
--   user_id | action | local_ts         | resource      | days | automated
--   ana     | view   | 2026-01-05 10:00 | /labs/plan    |   60 | false
--   fin     | view   | 2026-01-05 10:00 | /finance/plan |   60 | false
--   ana     | view   | 2026-02-20 10:00 | /finance/a    |      | false
--   ana     | view   | 2026-02-20 10:00 | /finance/b    |      | true
--   ana     | view   | 2026-02-20 10:00 | /finance/c    |      | true
--   ana     | view   | 2026-02-20 10:00 | /finance/d    |      | true
--   ana     | view   | 2026-02-20 10:00 | /finance/e    |      | true
-- ///
