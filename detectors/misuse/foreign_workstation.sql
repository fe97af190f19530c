-- /// detector
-- title = "At another's workstation, for the first time or more often than before"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.lateral-movement", "itm.pr004"]
-- lookback = "60d"
-- about = ["user_id", "host"]
-- says = """\
-- {user_id} logged on at {host} of {owner} (logons: {logons}, outside own hours: \
-- {off_hours}); at others' hosts on {days_elsewhere} of the last 14 days, \
-- before that usually on {usual}"""
-- description = """
-- Who looks for what others may see sits down where they sit. Whose host it is, the
-- logons of 60 days say; the visitor's own desk must still be in use, else it is a
-- move. What counts is the second such day, or one outside own hours.
-- """
-- falsepositives = [
--   "cover for a colleague on leave, at the colleague's desk",
--   "a new helpdesk that people.csv does not call so",
-- ]
-- blindspots = [
--   "the owner's own account, used by another (see workstation_while_owner_elsewhere)",
--   "hosts of many people, and those that stood unused for two months",
--   "one visit in office hours",
-- ]
-- triage = """
-- Was the owner there? What was opened at that host in the minutes after the logon?
-- Ask the owner about it only once the visitor's own events of those days are safe.
-- """
-- ///

WITH helpers AS (
    SELECT user_id
    FROM people
    WHERE
        regexp_matches(
            lower(concat_ws(' ', role, team, department)),
            'help.?desk|service.?desk|it.?support|desktop|workplace'
        )
),

-- Where many are meant to sit.
common_hosts AS (
    SELECT host
    FROM hosts
    WHERE
        regexp_matches(
            lower(coalesce(kind, '')),
            'server|jump|terminal|kiosk|shared|pool|meeting|lab|virtual|vdi'
        )
),

others AS (
    SELECT
        host_day.user_id,
        host_day.host,
        host_day.day,
        host_day.logons,
        host_day.off_hours,
        host_day.owner,
        min(host_day.day) OVER (
            PARTITION BY host_day.user_id, host_day.host
            ORDER BY host_day.day
            RANGE BETWEEN INTERVAL 59 DAYS PRECEDING AND CURRENT ROW
        ) AS first_here
    FROM host_day
    LEFT JOIN common_hosts
        ON host_day.host = common_hosts.host
    -- A host that was handed on is in the register before the logons show it.
    LEFT JOIN hosts
        ON
            host_day.host = hosts.host
            AND host_day.user_id = hosts.owner
    WHERE
        host_day.owner <> host_day.user_id
        AND host_day.share >= knob('min_share', 0.8)  -- less, and it is everybody's
        AND host_day.owner_days >= knob('min_owner_days', 10)  -- two weeks of work
        AND NOT starts_with(host_day.owner, 'shared:')
        AND NOT starts_with(host_day.user_id, 'shared:')
        AND common_hosts.host IS NULL
        AND hosts.host IS NULL
),

elsewhere AS (
    SELECT DISTINCT
        user_id,
        day
    FROM others
),

habits AS (
    SELECT
        user_id,
        day,
        count(*) OVER recent AS days_elsewhere,
        count(*) OVER earlier * 14 / 46 AS usual
    FROM elsewhere
    WINDOW
        recent AS (
            PARTITION BY user_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 13 DAYS PRECEDING AND CURRENT ROW
        ),
        earlier AS (
            PARTITION BY user_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 59 DAYS PRECEDING AND INTERVAL 14 DAYS PRECEDING
        )
),

-- Days at the own desk: who has moved is seen there no more.
at_home AS (
    SELECT
        user_id,
        day
    FROM host_day
    WHERE owner = user_id AND owner_days >= knob('min_owner_days', 10)
)

SELECT
    others.user_id,
    others.host,
    others.day,
    others.owner,
    others.logons,
    others.off_hours,
    habits.days_elsewhere,
    habits.usual
FROM others
INNER JOIN habits
    ON
        others.user_id = habits.user_id
        AND others.day = habits.day
LEFT JOIN helpers
    ON others.user_id = helpers.user_id
WHERE
    helpers.user_id IS NULL
    AND (
        habits.days_elsewhere >= knob('min_days', 2)  -- one is a favour
        OR others.off_hours > 0
    )
    -- Far above own habit: who helps others does it every week.
    AND habits.days_elsewhere >= knob('times_usual', 3) * habits.usual
    AND EXISTS (
        SELECT 1
        FROM at_home
        WHERE
            others.user_id = at_home.user_id
            AND at_home.day BETWEEN others.first_here AND others.day
    );

-- /// fires: the second afternoon at a colleague's desk, between days at the own
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   40
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   40
--   ana     | logon  | pc-e | 2026-02-10 14:00 |    2
-- people:
--   user_id | role
--   ana     | engineer
-- expect:
--   user_id | host | owner | day        | days_elsewhere
--   ana     | pc-e | eve   | 2026-02-11 |              2
-- ///

-- /// fires: one night at the desk of the head of finance, from afar
-- access:
--   user_id | action | host | local_ts         | days | logon_type
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   40 | 2
--   eve     | unlock | pc-e | 2026-01-05 08:00 |   40 | 7
--   ana     | logon  | pc-e | 2026-02-10 21:30 |      | 10
-- hosts:
--   host | kind
--   pc-e | workstation
-- expect:
--   user_id | host | off_hours
--   ana     | pc-e |         1
-- ///

-- /// fires: three days in a row, and again once they are more than before
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   60
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   60
--   ana     | logon  | pc-e | 2026-02-02 14:00 |    3
--   ana     | logon  | pc-e | 2026-02-20 14:00 |    3
-- expect:
--   user_id | host | day
--   ana     | pc-e | 2026-02-03
--   ana     | pc-e | 2026-02-04
--   ana     | pc-e | 2026-02-22
-- ///

-- /// silent: one favour in office hours, at a colleague's desk
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   40
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   40
--   ana     | logon  | pc-e | 2026-02-10 14:00 |
--   new     | logon  | pc-n | 2026-02-02 08:00 |    9
--   ana     | logon  | pc-n | 2026-02-10 20:00 |
-- ///

-- /// silent: a favour of long ago, by somebody who has had no desk for months
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   40
--   eve     | logon  | pc-e | 2026-01-05 08:00 |  170
--   ana     | logon  | pc-e | 2026-02-05 14:00 |
--   ana     | logon  | pc-e | 2026-06-10 14:00 |    2
-- ///

-- /// silent: helpdesk at others' desks, by its role or by its habit
-- access:
--   user_id | action | host | local_ts         | days
--   hel     | logon  | pc-h | 2026-01-05 08:00 |   40
--   bo      | logon  | pc-b | 2026-01-05 08:00 |   62
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   62
--   hel     | logon  | pc-e | 2026-02-05 10:00 |    2
--   hel     | logon  | pc-e | 2026-02-10 20:00 |
--   bo      | logon  | pc-e | 2026-01-16 10:00 |
--   bo      | logon  | pc-e | 2026-02-02 10:00 |
--   bo      | logon  | pc-e | 2026-02-18 10:00 |
--   bo      | logon  | pc-e | 2026-03-05 20:00 |
-- people:
--   user_id | role
--   hel     | Help desk
--   bo      | engineer
-- ///

-- /// silent: a jump host, a meeting room, and a kiosk with an account of many hands
-- access:
--   user_id | account | action | host | local_ts         | days
--   ana     | ana     | logon  | pc-a | 2026-01-05 08:00 |   40
--   eve     | eve     | logon  | jump | 2026-01-05 08:00 |   40
--   ana     | ana     | logon  | jump | 2026-02-10 20:00 |    2
--   bo      | bo      | logon  | room | 2026-01-05 10:00 |   20
--   cy      | cy      | logon  | room | 2026-01-05 15:00 |   20
--   ana     | ana     | logon  | room | 2026-01-20 20:00 |    2
--   kim     | front   | logon  | desk | 2026-01-05 09:00 |   40
--   ana     | ana     | logon  | desk | 2026-02-10 20:00 |    2
--   fe      | fe      | logon  | pc-f | 2026-01-05 08:00 |   40
--   kim     | front   | logon  | pc-f | 2026-02-10 20:00 |
-- accounts:
--   account | user_id | kind
--   front   | kim     | shared
-- hosts:
--   host | kind
--   jump | jump host
-- ///

-- /// silent: a host that goes to a new owner, who leaves the old one behind
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   36
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   36
--   ana     | logon  | pc-e | 2026-02-10 20:00 |   10
-- ///

-- /// silent: a second host that the register has given to its new owner
-- access:
--   user_id | action | host | local_ts         | days
--   ana     | logon  | pc-a | 2026-01-05 08:00 |   40
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   36
--   ana     | logon  | pc-e | 2026-02-10 20:00 |    3
-- hosts:
--   host | owner | kind
--   PC-E | ana   | workstation
-- ///

-- /// silent: a newcomer beside a colleague, before there is a desk of one's own
-- access:
--   user_id | action | host | local_ts         | days
--   eve     | logon  | pc-e | 2026-01-05 08:00 |   40
--   new     | logon  | pc-e | 2026-02-09 20:00 |    3
--   new     | logon  | pc-n | 2026-02-09 10:00 |    4
-- ///

-- /// silent: a share that is mounted from another's host, and a failed logon
-- access:
--   user_id | action       | host | local_ts         | days | logon_type | outcome
--   ana     | logon        | pc-a | 2026-01-05 08:00 |   40 | 2          | success
--   eve     | logon        | pc-e | 2026-01-05 08:00 |   40 | 2          | success
--   ana     | logon        | pc-e | 2026-02-10 20:00 |    3 | 3          | success
--   ana     | logon        | pc-e | 2026-02-10 20:00 |    3 | 2          | failure
--   ana     | logon_failed | pc-e | 2026-02-10 20:00 |    3 | 2          | failure
-- ///
