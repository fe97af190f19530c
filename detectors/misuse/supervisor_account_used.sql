-- /// detector
-- title = "A supervisor's account at the host of an administrator of the own team"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.credential-access", "attack.t1078", "itm.pr009"]
-- lookback = "60d"
-- about = ["user_id", "host"]
-- says = """\
-- the account of {user_id} logged on at {host} of {administrator}, an administrator \
-- who reports to {user_id} (logons: {logons}, outside own hours: {off_hours})"""
-- description = """
-- An administrator who has come by the password of a superior uses it where nobody
-- looks: at the own host. Supervisors hardly ever sit down there. Whose host it is, the
-- register or the logons of 60 days say; who comes there again and again is left alone.
-- The risk is that of both.
-- """
-- falsepositives = [
--   "a supervisor who shows something at the administrator's desk",
--   "a host that was handed on and that the register still gives to the administrator",
-- ]
-- blindspots = [
--   "the supervisor's own desk (see workstation_while_owner_elsewhere)",
--   "administrators whom neither people.csv nor accounts.csv calls privileged",
--   "a supervisor of another team, and managers whom people.csv does not name",
-- ]
-- needs = ["people.manager"]
-- triage = """
-- Where was the supervisor by the badge reads of that hour, and where the
-- administrator? Ask the supervisor in person. What was read, sent or approved with the
-- account afterwards?
-- """
-- ///

WITH admins AS (
    SELECT
        people.user_id AS administrator,
        people.manager
    FROM people
    LEFT JOIN accounts
        ON
            people.user_id = accounts.user_id
            AND accounts.kind = 'privileged'
    WHERE people.privileged OR accounts.user_id IS NOT NULL
    GROUP BY people.user_id, people.manager
),

visits AS (
    SELECT
        host_day.user_id,
        host_day.host,
        host_day.day,
        host_day.logons,
        host_day.off_hours,
        coalesce(hosts.owner, host_day.owner) AS administrator,
        count(*) OVER earlier AS days_before
    FROM host_day
    LEFT JOIN hosts
        ON host_day.host = hosts.host
    WHERE
        -- Whoever keeps a server does not sit there.
        coalesce(lower(hosts.kind) NOT IN ('server', 'virtual', 'vdi'), TRUE)
        AND (
            hosts.owner IS NOT NULL
            -- Less, and it is everybody's.
            OR host_day.share >= knob('min_share', 0.8)
        )
    WINDOW
        earlier AS (
            PARTITION BY host_day.user_id, host_day.host
            ORDER BY host_day.day
            RANGE BETWEEN INTERVAL 60 DAYS PRECEDING AND INTERVAL 1 DAYS PRECEDING
        )
)

SELECT
    visits.user_id,
    visits.host,
    visits.day,
    visits.administrator,
    visits.logons,
    visits.off_hours,
    [visits.user_id, visits.administrator] AS candidates
FROM visits
INNER JOIN admins
    ON
        visits.administrator = admins.administrator
        AND visits.user_id = admins.manager
WHERE visits.days_before < knob('most_days', 3);  -- more, and it is a habit

-- /// fires: the head's account at the administrator's host, by register and by habit
-- access:
--   account | action | host | local_ts         | days
--   adam    | logon  | pc-a | 2026-01-05 08:00 | 30
--   bea     | logon  | pc-a | 2026-01-20 19:00 |
--   head    | logon  | pc-h | 2026-01-05 08:00 | 30
--   head    | logon  | pc-a | 2026-02-02 20:00 |
--   head    | logon  | pc-r | 2026-02-03 10:00 |
-- people:
--   user_id | manager | privileged
--   adam    | head    | true
--   reg     | head    | false
--   bea     | head    | false
--   head    |         |
-- accounts:
--   account | user_id | kind
--   adm-reg | reg     | privileged
--   adm-old | adam    | privileged
-- hosts:
--   host | owner
--   PC-R | reg
-- expect:
--   user_id | host | day        | administrator | off_hours
--   head    | pc-a | 2026-02-02 | adam          | 1
--   head    | PC-R | 2026-02-03 | reg           | 0
-- ///

-- /// fires: three days, and not the fourth
-- access:
--   account | action | host | local_ts         | days
--   adam    | logon  | pc-a | 2026-01-05 08:00 | 30
--   head    | logon  | pc-a | 2026-01-26 10:00 | 4
-- people:
--   user_id | manager | privileged
--   adam    | head    | true
--   head    |         |
-- expect:
--   user_id | day
--   head    | 2026-01-26
--   head    | 2026-01-27
--   head    | 2026-01-28
-- ///

-- /// silent: at a clerk's desk, at a shared host, and an administrator of another head
-- access:
--   account | action | host | local_ts         | days
--   clerk   | logon  | pc-c | 2026-01-05 08:00 | 30
--   adam    | logon  | pc-s | 2026-01-05 08:00 | 30
--   bea     | logon  | pc-s | 2026-01-05 09:00 | 10
--   other   | logon  | pc-o | 2026-01-05 08:00 | 30
--   head    | logon  | pc-c | 2026-02-02 10:00 |
--   head    | logon  | pc-s | 2026-02-02 11:00 |
--   head    | logon  | pc-o | 2026-02-02 12:00 |
--   adam    | logon  | pc-h | 2026-02-02 12:00 |
--   head    | logon  | pc-h | 2026-01-05 08:00 | 20
-- people:
--   user_id | manager | privileged
--   adam    | head    | true
--   bea     | head    | true
--   clerk   | head    | false
--   other   | chief   | true
--   head    |         |
-- accounts:
--   account | user_id | kind
--   clerk   | clerk   | person
-- ///

-- /// silent: a superior on a server that an administrator keeps
-- access:
--   user_id | account | action | host  | logon_type | local_ts
--   eve     | eve     | logon  | srv-1 | 10         | 2026-03-02 10:00
-- hosts:
--   host  | owner | kind
--   srv-1 | bo    | server
-- people:
--   user_id | privileged | manager
--   bo      | true       | eve
--   eve     | false      |
-- ///
