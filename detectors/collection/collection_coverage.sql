-- /// detector
-- title = "A newcomer to a restricted folder opens a large share of it within a week"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039", "itm.me024"]
-- lookback = "7d"
-- about = ["user_id", "folder"]
-- says = """\
-- {user_id}, who first opened anything confidential of {folder} on {first_day}, has \
-- opened {documents} documents of it, of {in_use} that anybody opened in that week"""
-- description = """
-- Who works in a project opens what the work asks for; who collects goes through a
-- folder. A person counts as no reader of it who had never opened anything labelled of
-- it until a few days ago, and whose team did not then, either. All that they ever
-- opened of it is then in these days, and is said on the day on which it becomes much,
-- not again while it stays so; few a day are enough.
-- """
-- falsepositives = [
--   "a new project of somebody whose team does not share it, an auditor, a deputy",
--   "a migration by a person's own account",
-- ]
-- blindspots = [
--   "who may read a folder and how much is in it: others' reading stands for both",
--   "a folder that is gone through in more than a week (see slow_collection)",
--   "somebody who once opened a document of it, long before",
--   "labels that neither the log nor labels.csv knows",
--   "people in their first month",
-- ]
-- needs = ["people.team", "access.label"]
-- triage = """
-- Whose folder is it, and did anybody there ask for help? What was downloaded, printed
-- or written to media of it since, and what of the neighbouring folders? Ask for the
-- task, not for the person.
-- """
-- ///

-- A folder of labels.csv is as deep as the kind labelled_folder: two steps.
WITH opened AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        coalesce(resource_id, resource) AS doc,
        left(
            regexp_extract(
                replace(resource, '\', '/'),
                '^([A-Za-z]+:)?(//[^/]+/)?/*[^/]+(/[^/]+)?/'
            ),
            -1
        ) AS folder
    FROM access
    WHERE
        NOT automated
        AND outcome <> 'failure'
        -- What a browser of folders draws and a client fetches, nobody has opened.
        AND action NOT IN ('preview', 'sync')
        AND lower(label) IN (
            'confidential',
            'strictly confidential',
            'restricted',
            'classified',
            'secret',
            'top secret'
        )
),

newcomers AS (
    SELECT
        seen.user_id,
        seen.day,
        seen.value AS folder,
        seen.first_day,
        people.team
    FROM seen
    LEFT JOIN people
        ON seen.user_id = people.user_id
    WHERE
        seen.kind = 'labelled_folder'
        AND seen.first_day >= seen.day - 6
        AND seen.n_days >= knob('min_days', 20)  -- a month shows the own folders
),

-- What was opened of each folder in a newcomer's week, and what the day before knew.
weeks AS (
    SELECT
        newcomers.user_id,
        newcomers.folder,
        newcomers.day,
        newcomers.first_day,
        opened.event,
        opened.ts,
        opened.doc,
        opened.user_id = newcomers.user_id AS own,
        opened.day >= newcomers.day - 6 AS is_now,
        opened.day < newcomers.day AS is_earlier,
        opened.user_id <> newcomers.user_id
        AND people.team = newcomers.team AS of_team
    FROM newcomers
    INNER JOIN opened
        ON
            newcomers.folder = opened.folder
            AND opened.day BETWEEN newcomers.day - 7 AND newcomers.day
    LEFT JOIN people
        ON opened.user_id = people.user_id
),

counted AS (
    SELECT
        user_id,
        folder,
        day,
        first_day,
        count(DISTINCT doc) FILTER (WHERE is_now) AS in_use,
        count(DISTINCT doc) FILTER (WHERE is_earlier) AS in_use_before,
        count(DISTINCT doc) FILTER (WHERE own) AS documents,
        count(DISTINCT doc) FILTER (WHERE own AND is_earlier) AS documents_before,
        coalesce(bool_or(of_team AND is_now), FALSE) AS is_of_team,
        array_agg(event ORDER BY ts, event) FILTER (WHERE own) AS events
    FROM weeks
    GROUP BY user_id, folder, day, first_day
)

SELECT
    user_id,
    folder,
    day,
    first_day,
    documents,
    in_use,
    events,
    len(events) AS times
FROM counted
WHERE
    NOT is_of_team
    AND documents >= knob('min_documents', 8)  -- fewer is looking something up
    AND documents >= knob('min_share', 0.5) * in_use  -- less: others read more
    -- Else it was said the day before, or earlier.
    AND (
        documents_before < knob('min_documents', 8)
        OR documents_before < knob('min_share', 0.5) * in_use_before
    );

-- /// fires: eight documents in a week, of sixteen in use, and eight on one day
-- access:
--   user_id | action | resource      | label      | local_ts         | days
--   ana     | view   | /common/a     |            | 2026-01-05 10:00 | 30
--   eve     | view   | /common/a     |            | 2026-01-05 10:00 | 30
--   ana     | view   | /hq/board/1   | secret     | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/2   | secret     | 2026-01-26 10:00 |
--   ana     | print  | /hq/board/2   | Secret     | 2026-01-26 10:00 |
--   ana     | view   | \hq\board\3   | secret     | 2026-01-28 10:00 |
--   ana     | view   | /hq/board/x/4 | restricted | 2026-01-28 10:00 |
--   ana     | view   | /hq/board/x/5 | restricted | 2026-01-28 10:00 |
--   ana     | view   | /hq/board/6   | secret     | 2026-02-01 10:00 |
--   ana     | view   | /hq/board/7   | secret     | 2026-02-01 10:00 |
--   ana     | view   | /hq/board/8   | secret     | 2026-02-01 10:00 |
--   cy      | view   | /hq/board/20  | secret     | 2026-01-25 10:00 |
--   cy      | view   | /hq/board/11  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/12  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/13  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/14  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/15  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/16  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/17  | secret     | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/18  | secret     | 2026-01-26 10:00 |
--   eve     | view   | /hq/pay/1     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/2     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/3     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/4     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/5     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/6     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/7     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/8     | secret     | 2026-01-27 10:00 |
--   eve     | view   | /hq/pay/9     | secret     | 2026-01-28 10:00 |
-- people:
--   user_id | team
--   ana     | labs
--   eve     | labs
--   cy      | board
-- expect:
--   user_id | day        | first_day  | documents | in_use | times
--   ana     | 2026-02-01 | 2026-01-26 | 8         | 16     | 9
--   eve     | 2026-01-27 | 2026-01-27 | 8         | 8      | 8
-- ///

-- /// fires: a busy folder, on the day on which half of it was opened, and only then
-- access:
--   user_id | action | resource     | label  | local_ts         | days
--   ana     | view   | /common/a    |        | 2026-01-05 10:00 | 30
--   cy      | view   | /hq/board/20 | secret | 2026-01-20 10:00 |
--   cy      | view   | /hq/board/21 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/22 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/23 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/24 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/25 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/26 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/27 | secret | 2026-01-26 10:00 |
--   cy      | view   | /hq/board/28 | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/1  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/2  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/3  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/4  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/5  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/6  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/7  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/8  | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/8  | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/9  | secret | 2026-01-28 10:00 |
-- people:
--   user_id | team
--   ana     | labs
--   cy      | board
-- expect:
--   user_id | day        | documents | in_use
--   ana     | 2026-01-27 | 8         | 16
-- ///

-- /// silent: the team's new folder, an own old one, a busy one, somebody's first week
-- access:
--   user_id | action | resource    | label  | local_ts         | days
--   ana     | view   | /common/a   |        | 2026-01-05 10:00 | 30
--   bo      | view   | /hq/board/1 | secret | 2026-01-26 10:00 |
--   ana     | view   | /hq/board/1 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/2 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/3 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/4 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/5 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/6 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/7 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/board/8 | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/1   | secret | 2026-01-10 10:00 |
--   ana     | view   | /hq/law/2   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/3   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/4   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/5   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/6   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/7   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/8   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/law/9   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/1   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/2   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/3   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/4   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/5   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/6   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/7   | secret | 2026-01-27 10:00 |
--   ana     | view   | /hq/tax/8   | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/11  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/12  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/13  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/14  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/15  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/16  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/17  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/18  | secret | 2026-01-27 10:00 |
--   cy      | view   | /hq/tax/19  | secret | 2026-01-27 10:00 |
--   new     | view   | /common/a   |        | 2026-01-22 10:00 | 5
--   new     | view   | /hq/law/1   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/2   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/3   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/4   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/5   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/6   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/7   | secret | 2026-01-27 10:00 |
--   new     | view   | /hq/law/8   | secret | 2026-01-27 10:00 |
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | /hq/law   | 2026-01-27 10:00
-- people:
--   user_id | team
--   ana     | labs
--   bo      | labs
--   new     | pay
--   cy      | board
-- ///

-- /// silent: seven, and what was refused, indexed under a person's name, or public
-- access:
--   user_id | action | resource     | label  | outcome | automated | local_ts   | days
--   ana     | view   | /common/a    |        |         |           | 2026-01-05 | 30
--   ana     | view   | /hq/board/1  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/2  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/3  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/4  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/5  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/6  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/7  | secret |         |           | 2026-01-27 |
--   ana     | view   | /hq/board/8  | secret | failure |           | 2026-01-27 |
--   ana     | view   | /hq/board/9  | secret |         | true      | 2026-01-27 |
--   ana     | view   | /hq/board/10 | public |         |           | 2026-01-27 |
--   ana     | sync   | /hq/board/11 | secret |         |           | 2026-01-27 |
-- people:
--   user_id | team
--   ana     | labs
-- ///
