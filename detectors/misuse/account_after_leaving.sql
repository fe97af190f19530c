-- /// detector
-- title = "An account in use after its person has left"
-- level = "high"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.mt003"]
-- lookback = "0d"
-- says = """\
-- {user_id}, whose last day was {left_on}, was active {days_after} days later: \
-- {n_events} events by {accounts_used}, from {places}"""
-- description = """
-- Who has left and still comes in knows where everything lies, and nobody counts them
-- any more. Either the account was never closed, or the register ended it and it works
-- all the same. What machines do with it, and what a delegate opens, is left out.
-- """
-- falsepositives = [
--   "a contract that was prolonged without telling people.csv",
--   "a colleague who was allowed to fetch files with the leaver's password",
-- ]
-- blindspots = [
--   "a leaver whom people.csv does not give a last day",
--   "cards and drives (see superseded_badge_used and the exfiltration detectors)",
--   "an account of many hands whose password the leaver knows",
--   "a session over the network by a script that says it is a logon of type 3 to 5",
-- ]
-- needs = ["people.left"]
-- triage = """
-- Close the account and its sessions now, and keep the logs of the address that it came
-- from. Was it the person, or a colleague who knows the password? What was opened or
-- deleted? Check the other accounts, cards and tokens of that person.
-- """
-- ///

WITH deeds AS (
    SELECT
        event,
        user_id,
        account,
        host,
        src_ip,
        ts,
        day
    FROM access
    WHERE
        -- What ends a session, fetches by itself or was refused is no coming in.
        action NOT IN ('logoff', 'lock', 'logon_failed', 'sync', 'preview')
        AND outcome <> 'failure'
        AND NOT automated
        AND account_kind IN ('person', 'privileged')
        -- Somebody else in that person's name has a name of their own.
        AND coalesce(lower(actor) = lower(account), TRUE)
        -- A mounted share, a task or a service goes on by itself.
        AND coalesce(lower(logon_type) NOT IN ('3', '4', '5'), TRUE)
),

leavers AS (
    SELECT
        user_id,
        -- Of who stays the register has the end of all days.
        nullif("left", TIMESTAMP '9999-12-31')::DATE AS last_day
    FROM people
    -- equivalent: nobody is active after no day
    WHERE last_day IS NOT NULL
),

-- An account that the register has ended is nobody's; it was its last holder's.
ended AS (
    SELECT
        deeds.event,
        max_by(accounts.user_id, (accounts.valid_to, accounts.user_id)) AS user_id
    FROM deeds
    INNER JOIN accounts
        ON
            lower(deeds.account) = lower(accounts.account)
            AND deeds.ts >= accounts.valid_to
    WHERE starts_with(deeds.user_id, 'account:')
    GROUP BY deeds.event
)

SELECT
    leavers.user_id,
    deeds.day,
    leavers.last_day AS left_on,
    deeds.day - leavers.last_day AS days_after,
    count(*) AS n_events,
    list(DISTINCT deeds.account ORDER BY deeds.account) AS accounts_used,
    list(
        DISTINCT coalesce(deeds.host, deeds.src_ip)
        ORDER BY coalesce(deeds.host, deeds.src_ip)
    ) AS places,
    array_agg(deeds.event ORDER BY deeds.ts, deeds.event) AS events
FROM deeds
LEFT JOIN ended
    ON deeds.event = ended.event
INNER JOIN leavers
    ON coalesce(ended.user_id, deeds.user_id) = leavers.user_id
WHERE
    -- Registers differ: the last day of work, or the first that is none.
    deeds.day > leavers.last_day
GROUP BY leavers.user_id, deeds.day, leavers.last_day;

-- /// fires: the day after the last one, from home, with an account never closed
-- access:
--   user_id | action | host | src_ip    | logon_type | local_ts
--   ana     | logon  | null | 192.0.2.9 | 10         | 2026-03-02 21:00
--   ana     | view   | null | 192.0.2.9 |            | 2026-03-02 21:02
-- people:
--   user_id | left
--   ana     | 2026-03-01
-- expect:
--   user_id | day        | left_on    | days_after | n_events | places
--   ana     | 2026-03-02 | 2026-03-01 | 1          | 2        | 192.0.2.9
-- ///

-- /// fires: weeks later, with an account that the register ended and gave to others
-- access:
--   account | action   | host | local_ts         | actor
--   anna    | logon    | pc-7 | 2026-03-20 09:00 |
--   anna    | download | pc-7 | 2026-03-20 09:05 | ANNA
--   old     | view     | pc-7 | 2026-03-20 12:00 |
-- accounts:
--   account | user_id | kind       | valid_from | valid_to
--   Anna    | bo      | person     | 2020-01-01 | 2022-01-01
--   Anna    | ana     | privileged | 2022-01-01 | 2026-03-01
--   Anna    | cy      | person     | 2026-06-01 |
--   old     | ana     | person     | 2020-01-01 | 2026-03-20 12:00
-- people:
--   user_id | left
--   ana     | 2026-02-28
--   bo      | 2022-01-01
--   cy      | null
-- expect:
--   user_id | day        | n_events | accounts_used | places
--   ana     | 2026-03-20 | 3        | anna, old     | pc-7
-- ///

-- /// silent: the last day, with a farewell after midnight, and a colleague who stays
-- access:
--   user_id | action | local_ts
--   ana     | logon  | 2026-03-01 09:00
--   ana     | view   | 2026-03-02 02:00
--   bo      | view   | 2026-03-02 09:00
-- people:
--   user_id | left
--   ana     | 2026-03-01
--   bo      | null
--   cy      | 2026-09-30
-- ///

-- /// silent: what goes on by itself, is refused, or ends
-- access:
--   user_id | action       | local_ts         | outcome | logon_type | automated
--   ana     | logoff       | 2026-03-05 03:00 |         |            |
--   ana     | lock         | 2026-03-05 03:00 |         |            |
--   ana     | sync         | 2026-03-05 03:00 |         |            |
--   ana     | preview      | 2026-03-05 03:00 |         |            |
--   ana     | logon_failed | 2026-03-05 03:00 |         |            |
--   ana     | logon        | 2026-03-05 03:00 | failure | 2          |
--   ana     | logon        | 2026-03-05 03:00 | success | 3          |
--   ana     | logon        | 2026-03-05 03:00 | success | 4          |
--   ana     | view         | 2026-03-05 03:00 | success |            | true
-- people:
--   user_id | left
--   ana     | 2026-03-01
-- ///

-- /// silent: a delegate in the leaver's name, an account of many hands, a successor
-- access:
--   account | action | local_ts         | actor
--   ana     | view   | 2026-03-05 10:00 | bo
--   front   | logon  | 2026-03-05 09:00 |
--   anna    | logon  | 2026-03-05 09:00 |
--   gone    | logon  | 2026-03-05 09:00 |
--   job     | view   | 2026-03-05 09:00 |
-- accounts:
--   account | user_id | kind    | valid_from | valid_to
--   front   | ana     | shared  |            |
--   anna    | ana     | person  | 2020-01-01 | 2026-03-01
--   anna    | bo      | person  | 2026-03-01 |
--   gone    | bo      | person  | 2020-01-01 | 2026-03-01
--   job     | ana     | service |            |
-- people:
--   user_id | left
--   ana     | 2026-03-01
--   bo      | null
-- ///
