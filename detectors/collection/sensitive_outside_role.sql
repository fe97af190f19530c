-- /// detector
-- title = "Confidential or classified documents of folders outside own work"
-- level = "low"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "attack.t1039", "itm.pr004"]
-- lookback = "0d"
-- says = """\
-- {user_id} opened {documents} confidential or classified documents of {folders}, \
-- never before in {n_days} active days, nor that day by the own team"""
-- description = """
-- Whoever may read everything still reads of the own projects. A folder is outside when
-- this person has never opened anything labelled of it, in the whole history of the
-- logs, and no colleague of the own team does that day: so a new task of the team, or
-- a change of team that people.csv knows, is none.
-- """
-- falsepositives = [
--   "a change of role that the register does not know yet",
--   "an auditor, a deputy, a migration, a person without a team",
-- ]
-- blindspots = [
--   "one or two documents of each folder and day",
--   "folders that the person opened before, for whatever reason",
--   "labels that neither the log nor labels.csv knows",
--   "people in their first month",
-- ]
-- needs = ["people.team", "access.label"]
-- triage = """
-- Whose folder is it, and did anybody there ask for help? Look at what was downloaded,
-- printed or written to media of it since. Ask for the task, not for the person.
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

firsts AS (
    SELECT
        user_id,
        day,
        value AS folder,
        n_days,
        surprise
    FROM seen
    WHERE
        kind = 'labelled_folder'
        AND first_day = day
        AND n_days >= knob('min_days', 20)  -- a month of work shows the own folders
),

of_team AS (
    SELECT DISTINCT
        firsts.user_id,
        firsts.day,
        firsts.folder
    FROM firsts
    INNER JOIN people AS own
        ON firsts.user_id = own.user_id
    INNER JOIN people AS colleagues
        ON
            own.team = colleagues.team
            AND own.user_id <> colleagues.user_id
    INNER JOIN opened
        ON
            colleagues.user_id = opened.user_id
            AND firsts.folder = opened.folder
            AND firsts.day = opened.day
)

SELECT
    firsts.user_id,
    firsts.day,
    count(DISTINCT opened.doc) AS documents,
    array_agg(DISTINCT firsts.folder ORDER BY firsts.folder) AS folders,
    max(firsts.n_days) AS n_days,
    max(firsts.surprise) AS surprise,
    array_agg(opened.event ORDER BY opened.ts, opened.event) AS events
FROM firsts
ANTI JOIN of_team
    ON
        firsts.user_id = of_team.user_id
        AND firsts.day = of_team.day
        AND firsts.folder = of_team.folder
INNER JOIN opened
    ON
        firsts.user_id = opened.user_id
        AND firsts.day = opened.day
        AND firsts.folder = opened.folder
GROUP BY firsts.user_id, firsts.day
HAVING count(DISTINCT opened.doc) >= knob('min_documents', 5);  -- fewer is a link

-- /// fires: five secrets of the board by an engineer, whose team reads others
-- access:
--   user_id | action | resource       | label  | local_ts         | rows | days
--   ana     | view   | /labs/skin/1   | secret | 2026-01-05 10:00 |      |   22
--   bo      | view   | /labs/skin/1   | secret | 2026-01-05 10:00 |      |   30
--   cy      | view   | /hq/board/1    | secret | 2026-01-27 10:00 |      |
--   ana     | view   | /hq/board/1    | Secret | 2026-01-27 10:00 |      |
--   ana     | print  | /hq/board/2    | secret | 2026-01-27 10:01 |    3 |
--   ana     | view   | \hq\board\3    | secret | 2026-01-27 10:02 |      |
--   ana     | view   | /hq/board/x/4  | secret | 2026-01-27 10:03 |      |
--   ana     | view   | /hq/board/x/5  | secret | 2026-01-27 10:04 |      |
--   ana     | view   | /labs/skin/9   | secret | 2026-01-27 10:05 |      |
-- people:
--   user_id | team
--   ana     | labs
--   bo      | labs
--   cy      | board
-- expect:
--   user_id | day        | documents | folders   | n_days
--   ana     | 2026-01-27 |         5 | /hq/board |     22
-- ///

-- /// fires: a folder that the team opened another day, by one who never read a label
-- access:
--   user_id | action | resource     | label        | local_ts         | rows | days
--   ana     | view   | /labs/skin/1 |              | 2026-01-05 10:00 |      |   20
--   bo      | view   | /hq/board/1  | confidential | 2026-01-20 10:00 |      |
--   ana     | sync   | /hq/board/1  | confidential | 2026-01-24 10:00 |      |
--   ana     | view   | /hq/board/1  | confidential | 2026-01-25 10:00 |      |
--   ana     | view   | /hq/board/2  | confidential | 2026-01-25 10:00 |      |
--   ana     | view   | /hq/board/3  | confidential | 2026-01-25 10:00 |      |
--   ana     | view   | /hq/pay/1    | classified   | 2026-01-25 10:00 |      |
--   ana     | view   | /hq/pay/2    | classified   | 2026-01-25 10:00 |      |
-- people:
--   user_id | team
--   ana     | labs
--   bo      | labs
-- expect:
--   user_id | day        | documents | folders
--   ana     | 2026-01-25 |         5 | /hq/board, /hq/pay
-- ///

-- /// silent: the team's new folder, one of January, a link followed
-- access:
--   user_id | action | resource     | label  | local_ts         | days
--   ana     | view   | /labs/skin/1 |        | 2026-01-05 10:00 |   30
--   ana     | view   | /old/plan/1  | secret | 2026-01-05 10:00 |
--   bo      | view   | /new/plan/1  | secret | 2026-02-05 16:00 |
--   ana     | view   | /new/plan/1  | secret | 2026-02-05 10:00 |
--   ana     | view   | /new/plan/2  | secret | 2026-02-05 10:00 |
--   ana     | view   | /hq/board/1  | secret | 2026-02-05 10:00 |
--   ana     | view   | /old/plan/2  | secret | 2026-02-05 10:00 |
--   ana     | view   | /old/plan/3  | secret | 2026-02-05 10:00 |
--   ana     | view   | /old/plan/4  | secret | 2026-02-05 10:00 |
--   ana     | view   | /old/plan/5  | secret | 2026-02-05 10:00 |
--   ana     | view   | /old/plan/6  | secret | 2026-02-05 10:00 |
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | /old/plan | 2026-02-05 10:00
-- people:
--   user_id | team
--   ana     | labs
--   bo      | labs
-- ///

-- /// silent: a newcomer; what is indexed under a person's name, refused, public
-- access:
--   user_id | action | resource     | label  | outcome | automated | local_ts   | days
--   cy      | view   | /labs/skin/1 |        |         |           | 2026-01-05 |   30
--   cy      | view   | /hq/board/1  | secret |         |           | 2026-02-05 |
--   cy      | view   | /hq/board/2  | secret |         |           | 2026-02-05 |
--   cy      | view   | /hq/board/3  | secret |         |           | 2026-02-05 |
--   cy      | view   | /hq/board/4  | secret |         |           | 2026-02-05 |
--   cy      | view   | /hq/board/5  | secret |         | true      | 2026-02-05 |
--   cy      | view   | /hq/board/6  | secret | failure |           | 2026-02-05 |
--   cy      | view   | /hq/board/7  | public |         |           | 2026-02-05 |
--   new     | view   | /labs/skin/1 |        |         |           | 2026-02-01 |    4
--   new     | print  | /hq/board/1  | secret |         |           | 2026-02-05 |
--   new     | print  | /hq/board/2  | secret |         |           | 2026-02-05 |
--   new     | print  | /hq/board/3  | secret |         |           | 2026-02-05 |
--   new     | print  | /hq/board/4  | secret |         |           | 2026-02-05 |
--   new     | print  | /hq/board/5  | secret |         |           | 2026-02-05 |
-- people:
--   user_id | team
--   cy      | labs
--   new     | pay
-- ///

-- /// silent: a folder whose pictures the browser draws, and a client synchronises
-- access:
--   user_id | action  | resource     | label        | local_ts         | days | rows
--   bo      | view    | /a/b/c       | confidential | 2026-01-05 10:00 | 40   |
--   bo      | preview | /x/y/1       | confidential | 2026-02-16 10:00 |      |
--   bo      | preview | /x/y/2       | confidential | 2026-02-16 10:00 |      |
--   bo      | preview | /x/y/3       | confidential | 2026-02-16 10:00 |      |
--   bo      | sync    | /x/y/4       | confidential | 2026-02-16 10:00 |      |
--   bo      | sync    | /x/y/5       | confidential | 2026-02-16 10:00 |      |
--   bo      | view    | /x/y/6       | confidential | 2026-02-16 10:00 |      |
-- people:
--   user_id | team
--   bo      | a
-- ///
