-- /// detector
-- title = "A log was cleared, auditing was turned down, or an agent was stopped"
-- level = "high"
-- status = "stable"
-- tags = [
--   "attack.defense-impairment", "attack.t1685.005", "attack.t1685",
--   "attack.t1685.001", "itm.af002",
-- ]
-- lookback = "0d"
-- says = "{user_id}: {deeds}; events: {n_events}, first at {first_at}, at {places}"
-- description = """
-- Who clears a log takes away what was written; who turns auditing down or stops what
-- collects takes away what would have been. Three kinds of record count: the log's own
-- word that it was cleared; a change that names an audit log or an agent; files of logs
-- that are deleted, renamed or written by hand.
-- """
-- falsepositives = [
--   "an agent that is replaced by order, on many hosts in one night",
--   "an archive of old event logs that is tidied up",
-- ]
-- blindspots = [
--   "an agent that is stopped without any record (see source_went_silent)",
--   "a policy that comes to a machine in the machine's own name",
--   "agents that go by other names than those of the field",
-- ]
-- triage = """
-- What stands before it in the copies that were collected? What does that person do in
-- the hour around it, by the other logs? Fetch the host's remaining logs now, by
-- somebody else; a ticket for it should be older than the event.
-- """
-- ///

WITH acts AS (
    SELECT
        event,
        user_id,
        host,
        automated,
        ts,
        local_ts,
        day,
        action,
        lower(replace(coalesce(resource, ''), '\', '/')) AS file_path,
        lower(concat_ws(' ', app_action, resource, process, app)) AS words
    FROM access
    WHERE
        outcome <> 'failure'
        -- equivalent: of other actions none is named below; they need not be read
        AND action IN ('log_cleared', 'admin_change', 'delete', 'rename', 'write')
),

blinding AS (
    SELECT
        *,
        CASE
            WHEN action = 'log_cleared' THEN 'a log was cleared'
            WHEN
                action = 'admin_change'
                AND NOT automated
                AND regexp_matches(
                    words,
                    'audit.?(log|pol|bypass|rule)|auditd|event.?log|sysmon'
                    || '|log.?collector|winlogbeat|filebeat|osquery|rsyslog'
                    || '|syslog-ng|splunkforwarder|full_audit|\b(4719|1100)\b'
                )
                THEN 'auditing or an agent was changed'
            WHEN
                action IN ('delete', 'rename', 'write')
                AND NOT automated
                AND regexp_matches(
                    file_path,
                    '\.evtx?$|/winevt/logs/'
                    || '|(^|/)var/log/(audit/|auth\.log|secure|messages|syslog|[bw]tmp)'
                )
                THEN 'files of a log were changed'
        END AS deed
    FROM acts
)

SELECT
    user_id,
    day,
    list(DISTINCT host ORDER BY host) AS places,
    string_agg(DISTINCT deed, '; ' ORDER BY deed) AS deeds,
    count(*) AS n_events,
    min(local_ts) AS first_at,
    array_agg(event ORDER BY ts, event) AS events
FROM blinding
WHERE deed IS NOT NULL
GROUP BY user_id, day;

-- /// fires: a cleared log, also by the system itself, and an audit policy at noon
-- access:
--   account | action       | host | resource           | local_ts         | automated
--   ana     | log_cleared  | pc-1 |                    | 2026-03-02 12:00 | false
--   SYSTEM  | log_cleared  | pc-2 |                    | 2026-03-02 12:00 | true
--   bo      | admin_change | dc-1 | AuditPolicy: Logon | 2026-03-02 12:00 | false
--   bo      | admin_change | dc-1 | service auditd     | 2026-03-02 12:01 | false
-- people:
--   user_id
--   ana
--   bo
-- expect:
--   user_id        | places | n_events | deeds
--   ana            | pc-1   | 1        | a log was cleared
--   account:system | pc-2   | 1        | a log was cleared
--   bo             | dc-1   | 2        | auditing or an agent was changed
-- ///

-- /// fires: files of logs, deleted, renamed and written over
-- access:
--   user_id | action | resource                                    | local_ts
--   ana     | delete | C:\Windows\System32\winevt\Logs\System.evtx | 2026-03-02 12:00
--   ana     | rename | /var/log/auth.log                           | 2026-03-02 12:01
--   ana     | write  | srv1/var/log/audit/audit.log                | 2026-03-02 12:02
-- expect:
--   user_id | n_events | deeds
--   ana     | 3        | files of a log were changed
-- ///

-- /// silent: a daily round of administration, and logs that are read
-- access:
--   account | action       | resource              | local_ts         | outcome
--   bo      | admin_change | user ana, group sales | 2026-03-02 12:00 |
--   bo      | admin_change | /it/audit-2026.docx   | 2026-03-02 12:00 |
--   bo      | view         | /var/log/auth.log     | 2026-03-02 12:00 |
--   bo      | delete       | /lab/var/log.txt      | 2026-03-02 12:00 |
--   bo      | write        | /lab/experiment.log   | 2026-03-02 12:00 |
--   bo      | write        | /it/eventlog.docx     | 2026-03-02 12:00 |
--   bo      | log_cleared  |                       | 2026-03-02 12:00 | failure
-- ///

-- /// silent: logs that are rotated, and a policy that comes to the machine
-- access:
--   account | action       | resource           | local_ts         | automated
--   rotate  | rename       | /var/log/auth.log  | 2026-03-02 00:00 | true
--   SYSTEM  | admin_change | AuditPolicy: Logon | 2026-03-02 12:00 | true
-- ///
