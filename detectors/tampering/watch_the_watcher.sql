-- /// detector
-- title = "Somebody reads or changes what watches"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.defense-impairment", "attack.discovery", "attack.t1685"]
-- lookback = "0d"
-- says = """\
-- {user_id} came to {files} files of nightporter, changed {changed} of them; first \
-- {first_file} at {first_at}"""
-- description = """
-- Who fears to be found looks up what is looked for, or sees to it that an exception
-- covers it. Rules, exceptions, lists of people and reports lie on a share like any
-- other. Those who work with them are watchers in people.csv; everybody else is named,
-- refused or not.
-- """
-- falsepositives = [
--   "somebody whom people.csv does not call a watcher yet",
--   "a copy of nightporter's own source on which a developer works",
-- ]
-- blindspots = [
--   "watchers: their changes stand in the history of the workspace",
--   "a workspace whose files no log covers, or that goes by another name",
--   "door schedules and retention, where the log does not name them as files",
-- ]
-- needs = ["people.watcher", "access.resource"]
-- triage = """
-- Which detector, exception or report was it, and does it concern that person? Compare
-- the workspace with its last backup. Keep the circle of those who know small: a
-- watcher may have told.
-- """
-- ///

WITH touched AS (
    SELECT
        event,
        user_id,
        ts,
        local_ts,
        day,
        resource,
        outcome <> 'failure'
        AND action IN ('write', 'rename', 'delete') AS is_change,
        lower(replace(resource, '\', '/')) AS named
    FROM access
    WHERE
        NOT automated
        -- A browser of folders draws these by itself.
        AND action <> 'preview'
)

SELECT
    touched.user_id,
    touched.day,
    count(DISTINCT touched.named) AS files,
    count(DISTINCT CASE WHEN touched.is_change THEN touched.named END) AS changed,
    min_by(touched.resource, (touched.ts, touched.event)) AS first_file,
    min(touched.local_ts) AS first_at,
    array_agg(touched.event ORDER BY touched.ts, touched.event) AS events
FROM touched
LEFT JOIN people
    ON touched.user_id = people.user_id
WHERE
    people.watcher IS NOT TRUE
    AND (
        regexp_matches(touched.named, '(^|/)(nightporter\.toml|findings\.duckdb)$')
        OR regexp_matches(
            touched.named,
            '(^|/)nightporter/(.*/)?'
            || '(detectors|exceptions|context|reports|exports|state)/'
        )
    )
GROUP BY touched.user_id, touched.day;

-- /// fires: an exception written by an administrator, and a report that is refused
-- access:
--   account | action | resource                          | local_ts         | outcome
--   adm     | view   | \\s\nightporter\exceptions\d.toml | 2026-03-02 21:00 |
--   adm     | write  | //s/Nightporter/exceptions/d.toml | 2026-03-02 21:02 |
--   adm     | delete | //s/nightporter/detectors/x.sql   | 2026-03-02 21:03 | failure
--   adm     | rename | /case/findings.duckdb             | 2026-03-02 21:04 |
--   eve     | view   | /nightporter/reports/index.html   | 2026-03-02 11:00 | failure
-- accounts:
--   account | user_id
--   adm     | adm
--   eve     | eve
-- expect:
--   user_id | files | changed | first_at
--   adm     | 3     | 2       | 2026-03-02 21:00
--   eve     | 1     | 0       | 2026-03-02 11:00
-- ///

-- /// silent: a watcher at work, a backup, and a porter's own papers
-- access:
--   account | action  | resource                        | local_ts         | automated
--   wat     | write   | /nightporter/exceptions/d.toml  | 2026-03-02 10:00 |
--   bak     | view    | /nightporter/context/people.csv | 2026-03-02 02:00 | true
--   bo      | preview | /nightporter/reports/index.html | 2026-03-02 10:00 |
--   bo      | view    | /house/nightporter/rota.xlsx    | 2026-03-02 10:00 |
--   bo      | view    | /house/reports/nightporter.docx | 2026-03-02 10:00 |
--   bo      | logon   |                                 | 2026-03-02 10:00 |
-- people:
--   user_id | watcher
--   wat     | true
--   bo      | false
-- ///
