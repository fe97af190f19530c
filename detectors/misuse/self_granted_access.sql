-- /// detector
-- title = "Rights given to an own account or card, then used"
-- level = "high"
-- status = "stable"
-- tags = [
--   "attack.persistence", "attack.privilege-escalation", "attack.t1098", "itm.pr024",
-- ]
-- lookback = "7d"
-- about = ["user_id", "given_to"]
-- says = """\
-- {user_id} made a change on the own {given_to} at {changed_at}, then came for the \
-- first time to {first_times}"""
-- description = """
-- Who gives out rights must not give them to the own person. A change by hand names an
-- account or a card of whoever made it, and within a week that person is where the
-- person never was before: at a share or behind a door. Changes of the own password or
-- profile do not count.
-- """
-- falsepositives = [
--   "a rights owner who is told to, and has nobody else to do it",
--   "a log whose changes name who made them, too, beside whom they are for",
-- ]
-- blindspots = [
--   "rights that are given to a colleague, to a new account, or to a group one is in",
--   "a change that the log writes without the name of the account or card",
--   "rights that are used for what one could always reach, or after more than a week",
--   "an operator of the doors whose deeds come only in the log of the doors",
-- ]
-- needs = ["access.admin_change"]
-- triage = """
-- Which right was it, who approved it, and is it still there? What was opened or
-- entered with it? Look for rights that were taken back soon after: nobody asks for
-- those.
-- """
-- ///

WITH own AS (
    SELECT
        user_id,
        lower(account) AS own_name
    FROM accounts
    UNION
    SELECT
        user_id,
        lower(user_id) AS own_name
    FROM people
    UNION
    SELECT
        user_id,
        lower(badge_id) AS own_name
    FROM badges
),

changes AS (
    SELECT
        event,
        user_id,
        ts,
        local_ts,
        -- CN=ana, PORTER\ana and ana@porter.example are ana; /users/ana is a folder.
        unnest(
            regexp_split_to_array(lower(resource), '[\s,;:=()<>|"'']+')
        ) AS named
    FROM access
    WHERE
        action = 'admin_change'
        AND outcome <> 'failure'
        AND NOT automated
        AND NOT regexp_matches(lower(resource), 'passw|profile|photo|authenticat')
),

grants AS (
    SELECT
        changes.event,
        changes.user_id,
        changes.ts,
        changes.local_ts,
        own.own_name AS given_to
    FROM changes
    INNER JOIN own
        ON
            changes.user_id = own.user_id
            AND regexp_extract(changes.named, '^(?:[^\\/@]*\\)?([^\\/@]+)(?:@.*)?$', 1)
            = own.own_name
),

uses AS (
    SELECT
        event,
        user_id,
        ts,
        day,
        'share' AS kind,
        -- As the kind share of `seen` has it: below the server, the drive or the site.
        regexp_extract(
            replace(resource, '\', '/'),
            '^(https?://[^/]+/((sites|teams|personal)/)?|[A-Za-z]:|//[^/]+/)?/*[^/]+'
        ) AS met
    FROM access
    WHERE outcome <> 'failure' AND NOT automated AND action <> 'admin_change'
    UNION ALL BY NAME
    SELECT
        event,
        user_id,
        ts,
        day,
        'door' AS kind,
        door_id AS met
    FROM badge
    WHERE outcome <> 'failure'
),

-- The first of the day: what comes before the change needed none.
first_uses AS (
    SELECT *
    FROM uses
    QUALIFY row_number() OVER (
        PARTITION BY user_id, day, kind, met
        ORDER BY ts ASC, event ASC
    ) = 1
)

SELECT
    grants.user_id,
    grants.given_to,
    first_uses.day,
    max(grants.local_ts) AS changed_at,
    list(DISTINCT first_uses.met ORDER BY first_uses.met) AS first_times,
    list(DISTINCT grants.event) || list(DISTINCT first_uses.event) AS events
FROM grants
INNER JOIN first_uses
    ON
        grants.user_id = first_uses.user_id
        AND grants.ts < first_uses.ts
        AND grants.ts >= first_uses.ts - INTERVAL 7 DAYS
INNER JOIN seen
    ON
        first_uses.user_id = seen.user_id
        AND first_uses.day = seen.day
        AND first_uses.kind = seen.kind
        AND first_uses.met = seen.value
        AND seen.first_day = seen.day
GROUP BY grants.user_id, grants.given_to, first_uses.day;

-- /// fires: the everyday account into a group, then its first paper from that share
-- access:
--   account | action       | resource          | local_ts         | outcome | automated
--   ana     | view         | /it/a             | 2026-03-01 10:00 |         |
--   ana     | view         | /board/minutes    | 2026-03-01 11:00 | failure |
--   ana     | view         | /board/all        | 2026-03-02 11:00 |         | true
--   ana     | view         | /board/minutes    | 2026-03-02 11:30 | failure |
--   adm-ana | admin_change | CN=ana,OU=x to b  | 2026-03-02 12:00 |         |
--   ana     | view         | /board/minutes    | 2026-03-02 12:01 |         |
--   ana     | view         | /it/a             | 2026-03-02 12:05 |         |
--   di      | view         | \\fs\it\a         | 2026-03-01 12:00 |         |
--   di      | admin_change | PORTER\di to read | 2026-03-02 12:00 |         |
--   di      | view         | \\fs\hr\pay       | 2026-03-09 12:00 |         |
-- badge:
--   badge_id | action | door_id | local_ts
--   c-100    | entry  | main    | 2026-03-01 08:00
-- accounts:
--   account | user_id | kind
--   ana     | ana     | person
--   adm-ana | ana     | privileged
--   di      | di      | person
-- expect:
--   user_id | given_to | day        | first_times
--   ana     | ana      | 2026-03-02 | /board
--   di      | di       | 2026-03-09 | //fs/hr
-- ///

-- /// fires: refused at the server room, the own card changed, and in
-- access:
--   account | action       | resource                | local_ts
--   bo@dom  | admin_change | card c-100 level SERVER | 2026-03-03 08:03
-- badge:
--   badge_id | action | door_id | local_ts         | outcome
--   c-100    | entry  | main    | 2026-03-01 08:00 |
--   c-100    | entry  | lab     | 2026-03-02 16:00 |
--   c-100    | entry  | main    | 2026-03-03 08:00 |
--   c-100    | denied | server  | 2026-03-03 08:02 | failure
--   c-100    | entry  | server  | 2026-03-03 08:05 |
-- accounts:
--   account | user_id
--   bo@dom  | bo
-- badges:
--   badge_id | user_id
--   c-100    | bo
-- expect:
--   user_id | given_to | day        | first_times
--   bo      | c-100    | 2026-03-03 | server
-- ///

-- /// silent: a helpdesk that gives others rights, and itself a new password
-- access:
--   account | action       | resource      | local_ts         | outcome | automated
--   hel     | admin_change | ana@x.example | 2026-03-02 12:00 |         |
--   hel     | admin_change | /users/hel    | 2026-03-02 12:00 |         |
--   hel     | admin_change | hel: Password | 2026-03-02 12:00 |         |
--   hel     | admin_change | hel           | 2026-03-02 12:00 | failure |
--   hel     | admin_change | hel           | 2026-03-02 12:00 |         | true
--   hel     | write        | hel           | 2026-03-02 12:00 |         |
--   hel     | view         | /new/a        | 2026-03-02 13:00 |         |
--   ana     | view         | /new/a        | 2026-03-02 13:00 |         |
-- badge:
--   badge_id | action | door_id | local_ts
--   c-7      | entry  | main    | 2026-03-01 08:00
-- people:
--   user_id
--   ana
--   hel
-- ///

-- /// silent: rights of one's own that lead nowhere new
-- access:
--   account | action       | resource      | local_ts         | outcome | automated
--   bo      | view         | /old/a        | 2026-02-27 10:00 |         |
--   bo      | view         | /early/a      | 2026-03-02 11:00 |         |
--   bo      | admin_change | bo to readers | 2026-03-02 12:00 |         |
--   bo      | admin_change | /x/bo         | 2026-03-02 12:01 |         |
--   bo      | view         | /old/a        | 2026-03-02 13:00 |         |
--   bo      | view         | /shut/a       | 2026-03-02 13:00 | failure |
--   bo      | view         | /early/a      | 2026-03-02 13:00 |         |
--   bo      | view         | /same/a       | 2026-03-02 12:00 |         |
-- badge:
--   badge_id | action | door_id | local_ts         | outcome
--   c-9      | entry  | old     | 2026-02-27 08:00 |
--   c-9      | entry  | old     | 2026-03-03 08:00 |
--   c-9      | denied | shut    | 2026-03-03 08:00 | failure
-- people:
--   user_id
--   bo
-- badges:
--   badge_id | user_id
--   c-9      | bo
-- ///

-- /// silent: a right used for the first time in the second week after it was given
-- access:
--   account | action       | resource                | local_ts         | days
--   di      | view         | /it/a                   | 2026-02-20 09:00 | 30
--   di      | admin_change | PORTER\di to hr-readers | 2026-03-02 12:00 |
--   di      | view         | \\hr\pay                | 2026-03-09 12:01 |
-- badge:
--   badge_id | action | door_id | local_ts
--   c-100    | entry  | main    | 2026-03-01 08:00
-- accounts:
--   account | user_id | kind
--   di      | di      | person
-- ///
