-- What findings.duckdb and a saved lake understand beside their tables. Every DuckDB since 1.0
-- must read it: no overloads, no typed parameters, no lambdas. A parameter is never named like a
-- column, which it would replace; what is given is compared, and never becomes SQL.

CREATE VIEW open_findings AS
SELECT
    day, level, detector, user_id, candidates, sentence, surprise, tactic, title, finding_id,
    case_id, first_at, last_at, found_at, changed_at
FROM findings
WHERE status = 'open';

CREATE VIEW ranking AS
WITH newest AS (SELECT max(day) AS day FROM risk),
-- Of whom a finding speaks that names nobody for certain, of them it counts, too.
meant AS (
    SELECT
        f.day, f.level,
        unnest(CASE WHEN f.user_id IS NULL THEN f.candidates ELSE [f.user_id] END) AS user_id
    FROM findings AS f, newest AS n
    WHERE f.status = 'open' AND f.day > n.day - 42
),
said AS (
    SELECT
        user_id,
        count(*) AS findings,
        max(day) AS last_day,
        arg_max(level, list_position(
            ['informational', 'low', 'medium', 'high', 'critical'], level
        )) AS level
    FROM meant
    GROUP BY user_id
)
SELECT
    r.rank, r.user_id, p.name, p.team, r.risk,
    r.risk - coalesce(w.risk, 0) AS week_change,
    coalesce(s.findings, 0) AS findings, s.level, s.last_day, r.reasons, r.day
FROM newest AS n
JOIN risk AS r ON r.day = n.day
LEFT JOIN risk AS w ON w.user_id = r.user_id AND w.day = r.day - 7
LEFT JOIN people AS p ON p.user_id = r.user_id
LEFT JOIN said AS s ON s.user_id = r.user_id
ORDER BY r.rank;

CREATE VIEW blind AS
SELECT day, stage AS detector, status, reason
FROM windows
WHERE
    NOT (status = 'done' OR (
        -- Judged, if by something older; what came before the first night was not.
        status = 'stale'
        AND reason IS DISTINCT FROM 'never scanned: older than the first night'
    ))
    AND stage <> 'features';

CREATE VIEW carried_out AS
SELECT
    user_id, day, local_ts,
    CASE WHEN source = 'usb' THEN 'media' ELSE action END AS how,
    resource AS object, label, bytes, device_id, host, app, off_hours, day_type, event
FROM events
WHERE outcome <> 'failure'
    AND (
        (source = 'usb' AND action = 'write')
        OR (source = 'access' AND action IN ('upload', 'share', 'print'))
    );

CREATE MACRO findings_of(who) AS TABLE
SELECT
    day, level, status, detector, sentence, user_id, candidates, surprise, finding_id, case_id,
    suppressed_by
FROM findings
WHERE user_id = who OR list_contains(candidates, who)
ORDER BY day, detector, finding_id;

CREATE MACRO evidence_of(finding) AS TABLE
SELECT
    ts, local_ts, source, user_id, action, place, object, feed, file_id, line, event, record
FROM evidence
WHERE finding_id = finding
ORDER BY ts, event;

-- Evidence may lie on days before, or under another account: it stands in the line, too.
CREATE MACRO timeline(who) AS TABLE
WITH cited AS (
    SELECT e.event, list(DISTINCT e.detector ORDER BY e.detector) AS flagged
    FROM evidence AS e
    JOIN findings AS f ON f.finding_id = e.finding_id
    WHERE f.status <> 'withdrawn' AND (f.user_id = who OR list_contains(f.candidates, who))
    GROUP BY e.event
),
own AS (
    SELECT
        ts, local_ts, day, source, user_id, action, outcome, coalesce(host, door_id) AS place,
        zone, coalesce(resource, device_id, badge_id) AS object, label, bytes, off_hours, event
    FROM events
    WHERE user_id = who
),
others AS (
    SELECT DISTINCT
        e.ts, e.local_ts, CAST(json_extract_string(e.record, '$.day') AS DATE) AS day, e.source,
        e.user_id, e.action, json_extract_string(e.record, '$.outcome') AS outcome, e.place,
        json_extract_string(e.record, '$.zone') AS zone, e.object,
        json_extract_string(e.record, '$.label') AS label,
        CAST(json_extract_string(e.record, '$.bytes') AS BIGINT) AS bytes,
        CAST(json_extract_string(e.record, '$.off_hours') AS BOOLEAN) AS off_hours, e.event
    FROM evidence AS e
    WHERE e.event IN (SELECT event FROM cited) AND e.event NOT IN (SELECT event FROM own)
),
together AS (SELECT * FROM own UNION ALL SELECT * FROM others)
SELECT
    t.local_ts, t.day, t.source, t.user_id, t.action, t.outcome, t.place, t.zone, t.object,
    t.label, t.bytes, t.off_hours, c.flagged, t.ts, t.event
FROM together AS t
LEFT JOIN cited AS c ON c.event = t.event
ORDER BY t.ts, t.event;

CREATE MACRO neighbours(who, on_day) AS TABLE
SELECT how, what, other, people, minutes, events, first_at, last_at
FROM nearby
WHERE user_id = who AND day = CAST(on_day AS DATE)
ORDER BY minutes NULLS LAST, how, what, other;

CREATE MACRO knob(of_detector, called) AS TABLE
SELECT detector, knob, value, file_value, origin, reason
FROM knobs
WHERE detector = of_detector AND knob = called;
