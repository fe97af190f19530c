-- /// detector
-- title = "One account at work in two rooms at the same time"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.if025"]
-- lookback = "0d"
-- says = """\
-- {user_id} was at work at {host} and at {at_once}, in two rooms, in \
-- {windows} spans of five minutes between {first_at} and {last_at}"""
-- description = """
-- A person sits in one room. Where one account was unlocked by hand at two fixed hosts
-- of different rooms, and both open or write documents in the same minutes again and
-- again, two people use it: a lent password, or a stolen one.
-- """
-- falsepositives = [
--   "a job that was started by hand at one host and goes on while its person walks",
--   "hosts.csv that gives two hosts of one room different zones",
-- ]
-- blindspots = [
--   "two people who take turns; a second session from afar, or at a laptop",
--   "a session that only looks: what stays on a screen is no event",
--   "accounts of the kinds shared, pool and break_glass, which are meant to be so",
-- ]
-- needs = ["hosts.zone"]
-- triage = """
-- Who was in which room by the badge reads of those minutes? Which of the two hosts is
-- the person's own? What was opened at the other? The owner may be the victim.
-- """
-- ///

WITH sessions AS (
    SELECT DISTINCT
        user_id,
        account,
        host,
        zone,
        day
    FROM access
    WHERE console AND account_kind IN ('person', 'privileged')
),

deeds AS (
    SELECT
        event,
        account,
        host,
        day,
        ts,
        local_ts,
        time_bucket(INTERVAL 5 MINUTES, ts) AS spell
    FROM access
    WHERE
        NOT automated
        AND outcome <> 'failure'
        -- What a session does by itself says nothing of hands.
        AND action NOT IN ('logoff', 'lock', 'sync', 'preview', 'other')
),

acts AS (
    SELECT deeds.*
    FROM deeds
    INNER JOIN sessions
        ON
            deeds.account = sessions.account
            AND deeds.host = sessions.host
            AND deeds.day = sessions.day
),

pairs AS (
    SELECT
        sessions.user_id,
        sessions.account,
        sessions.day,
        sessions.host,
        beside.host AS at_once
    FROM sessions
    INNER JOIN sessions AS beside
        ON
            sessions.account = beside.account
            AND sessions.day = beside.day
            -- equivalent: a host has one zone, and of a pair one order is told
            AND sessions.host < beside.host
            AND sessions.zone <> beside.zone
)

SELECT
    pairs.user_id,
    pairs.day,
    pairs.host,
    pairs.at_once,
    count(DISTINCT acts.spell) AS windows,
    least(min(acts.local_ts), min(other_acts.local_ts)) AS first_at,
    greatest(max(acts.local_ts), max(other_acts.local_ts)) AS last_at,
    list(DISTINCT acts.event) || list(DISTINCT other_acts.event) AS events
FROM pairs
INNER JOIN acts
    ON
        pairs.account = acts.account
        AND pairs.day = acts.day
        AND pairs.host = acts.host
INNER JOIN acts AS other_acts
    ON
        pairs.account = other_acts.account
        AND pairs.day = other_acts.day
        AND pairs.at_once = other_acts.host
        AND acts.spell = other_acts.spell
GROUP BY pairs.user_id, pairs.account, pairs.day, pairs.host, pairs.at_once
-- One span is a walk next door.
HAVING count(DISTINCT acts.spell) >= knob('min_spans', 3)
-- Of three hosts the two that were most often in use at once.
QUALIFY
    row_number() OVER (
        PARTITION BY pairs.user_id, pairs.day
        ORDER BY windows DESC, pairs.host ASC, pairs.at_once ASC, pairs.account ASC
    ) = 1;

-- /// fires: a lent account, at the owner's desk and in the laboratory
-- access:
--   account | action | host | local_ts         | rows | every
--   ana     | logon  | pc-a | 2026-03-02 08:00 |      |
--   ana     | unlock | pc-l | 2026-03-02 10:00 |      |
--   ana     | view   | pc-a | 2026-03-02 10:01 | 3    | 300
--   ana     | write  | pc-l | 2026-03-02 10:03 | 3    | 300
--   bo      | logon  | pc-a | 2026-03-02 08:00 |      |
--   bo      | logon  | pc-b | 2026-03-02 08:00 |      |
--   bo      | logon  | pc-l | 2026-03-02 08:00 |      |
--   bo      | view   | pc-a | 2026-03-02 10:01 | 3    | 300
--   bo      | view   | pc-b | 2026-03-02 09:58 | 5    | 300
--   bo      | view   | pc-l | 2026-03-02 10:00 | 4    | 300
-- accounts:
--   account | user_id
--   ana     | ana
--   bo      | bo
-- hosts:
--   host | zone   | kind
--   pc-a | office | pc
--   pc-b | hall   | pc
--   pc-l | lab    | pc
-- expect:
--   user_id | host | at_once | windows | first_at         | last_at
--   ana     | pc-a | pc-l    | 3       | 2026-03-02 10:00 | 2026-03-02 10:13
--   bo      | pc-b | pc-l    | 5       | 2026-03-02 08:00 | 2026-03-02 10:18
-- ///

-- /// silent: a walk to the laboratory and back, and a screen left open
-- access:
--   account | action | host | local_ts         | rows | every
--   bo      | logon  | pc-a | 2026-03-02 08:00 |      |
--   bo      | view   | pc-a | 2026-03-02 10:00 | 2    | 300
--   bo      | logon  | pc-l | 2026-03-02 10:04 |      |
--   bo      | view   | pc-l | 2026-03-02 10:09 | 20   | 300
--   bo      | lock   | pc-a | 2026-03-02 10:15 | 4    | 300
--   bo      | view   | pc-l | 2026-03-03 10:09 | 20   | 300
--   bo      | view   | pc-a | 2026-03-03 10:09 | 20   | 300
-- accounts:
--   account | user_id
--   bo      | bo
-- hosts:
--   host | zone   | kind
--   pc-a | office | pc
--   pc-l | lab    | pc
-- ///

-- /// silent: two screens in one room, a front desk's account, an indexer, a server
-- access:
--   account | action | host | local_ts         | rows | every | automated | outcome
--   cy      | logon  | pc-1 | 2026-03-02 08:00 |      |       |           |
--   cy      | logon  | pc-2 | 2026-03-02 08:00 |      |       |           |
--   cy      | view   | pc-1 | 2026-03-02 10:00 | 9    | 300   |           |
--   cy      | view   | pc-2 | 2026-03-02 10:00 | 9    | 300   |           |
--   cy      | view   | pc-l | 2026-03-02 10:00 | 9    | 300   |           |
--   front   | logon  | pc-1 | 2026-03-02 08:00 |      |       |           |
--   front   | logon  | pc-l | 2026-03-02 08:00 |      |       |           |
--   front   | view   | pc-1 | 2026-03-02 10:00 | 9    | 300   |           |
--   front   | view   | pc-l | 2026-03-02 10:00 | 9    | 300   |           |
--   di      | logon  | pc-1 | 2026-03-02 08:00 |      |       |           |
--   di      | logon  | pc-l | 2026-03-02 08:00 |      |       |           |
--   di      | view   | pc-1 | 2026-03-02 10:00 | 9    | 300   |           |
--   di      | view   | pc-l | 2026-03-02 10:00 | 9    | 300   | true      |
--   di      | view   | pc-l | 2026-03-02 10:00 | 9    | 300   |           | failure
--   ed      | logon  | pc-1 | 2026-03-02 08:00 |      |       |           |
--   ed      | logon  | pc-l | 2026-03-02 08:00 |      |       |           |
--   ed      | view   | pc-1 | 2026-03-02 10:00 | 9    | 300   |           |
--   fe      | view   | pc-l | 2026-03-02 10:00 | 9    | 300   |           |
-- accounts:
--   account | user_id | kind
--   cy      | cy      | person
--   di      | di      | person
--   ed      | ed      | person
--   fe      | fe      | person
--   front   | ed      | shared
-- hosts:
--   host | zone   | kind
--   pc-1 | office | pc
--   pc-2 | office | pc
--   pc-l | lab    | pc
-- ///
