-- /// detector
-- title = "Accounts or cards in the logs that belong to nobody known"
-- level = "low"
-- status = "stable"
-- tags = ["attack.persistence", "attack.t1136", "attack.t1078"]
-- lookback = "0d"
-- about = ["feed"]
-- says = """\
-- {feed}: identities without a person: {identities}, events: {n_events}; \
-- such as {examples}"""
-- description = """
-- What nobody owns, nobody watches: an account that no register knows, a copied card,
-- or a register that is out of date. One finding for each feed and day. Accounts of
-- machines and registered services are somebody.
-- """
-- falsepositives = ["a new colleague whom the register does not know yet"]
-- blindspots = [
--   "an account that the register gives to the wrong person",
--   "one that it gives to two people, or to nobody: see contested_identity",
--   "accounts whose names end in $: they count as machines",
-- ]
-- triage = """
-- Ask who keeps accounts.csv and badges.csv. An account that no directory knows either
-- goes to incident response.
-- """
-- ///

WITH identities AS (
    SELECT
        feed,
        day,
        regexp_replace(identity, '^(account|badge):', '') AS raw_name,
        sum(events) AS raw_rows
    FROM identities_unmapped
    WHERE why IN ('unknown', 'ended')
    GROUP BY feed, day, identity
)

SELECT
    feed,
    day,
    count(*) AS identities,
    sum(raw_rows)::BIGINT AS n_events,
    array_agg(raw_name ORDER BY raw_rows DESC, raw_name ASC) AS examples
FROM identities
GROUP BY feed, day
HAVING sum(raw_rows) >= knob('min_events', 3);  -- a mistyped name is no gap

-- /// fires: an account that no register knows, and a card likewise
-- access:
--   user_id | account | feed       | action | local_ts         | rows
--           | ghost   | fileserver | view   | 2026-03-02 10:00 |    8
--           | temp-7  | fileserver | view   | 2026-03-02 11:00 |    2
--   ana     |         | fileserver | view   | 2026-03-02 10:00 |   20
-- badge:
--   badge_id | feed  | action | local_ts         | rows
--   c-404    | doors | entry  | 2026-03-02 11:00 |    4
-- expect:
--   feed       | day        | identities | n_events | examples
--   fileserver | 2026-03-02 |          2 |       10 | ghost, temp-7
--   doors      | 2026-03-02 |          1 |        4 | c-404
-- ///

-- /// silent: machines, a registered service, and a mistyped name
-- access:
--   account | action       | local_ts         | rows
--   PC-17$  | logon        | 2026-03-02 10:00 |   50
--   SYSTEM  | logon        | 2026-03-02 10:00 |   50
--   backup  | view         | 2026-03-02 10:00 |   50
--   anna    | logon_failed | 2026-03-02 10:00 |    2
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///

-- /// fires: a card after its last day
-- badge:
--   badge_id | action | feed  | local_ts         | rows
--   c-7      | entry  | doors | 2026-03-02 08:00 |    4
-- badges:
--   badge_id | user_id | valid_to
--   c-7      | ana     | 2026-03-01
-- expect:
--   feed  | identities | examples
--   doors |          1 | c-7
-- ///

-- /// silent: an account that two people hold at once
-- access:
--   account | action | local_ts         | rows
--   desk    | view   | 2026-03-02 10:00 |    3
-- accounts:
--   account | user_id
--   desk    | ana
--   desk    | bo
-- ///
