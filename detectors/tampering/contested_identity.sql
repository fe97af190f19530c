-- /// detector
-- title = "An account or card in use that the register gives to two, or to nobody"
-- level = "low"
-- status = "stable"
-- tags = ["attack.persistence", "attack.t1078"]
-- lookback = "0d"
-- about = ["identity"]
-- says = """\
-- {identity} was used {n_events} times while the register gives it to {holders}: \
-- {people_meant}"""
-- description = """
-- An account that two people hold at once is nobody's, and so is one between two
-- holders: what it does counts for no person. That is an error in a list, or a way to
-- act without a name. One finding for each account or card and day.
-- """
-- falsepositives = ["a handover that was entered late, or with the wrong date"]
-- blindspots = [
--   "an account or card that the register gives to one wrong person",
--   "accounts of the kind shared or pool, which have several holders by intent",
--   "use before the first holder and after the last (see unmapped_identity)",
-- ]
-- triage = """
-- Ask who keeps accounts.csv and badges.csv who held it on that day, and correct
-- valid_from and valid_to: the days are judged again, and what it did becomes that
-- person's. `nightporter doctor` lists every overlap and gap.
-- """
-- ///

WITH contested AS (
    SELECT
        identity,
        day,
        sum(events)::BIGINT AS n_events,
        list_sort(list_distinct(flatten(array_agg(held_by)))) AS people_meant,
        bool_or(why = 'overlap') AS several
    FROM identities_unmapped
    WHERE why IN ('overlap', 'gap')
    GROUP BY identity, day
)

SELECT
    identity,
    day,
    n_events,
    people_meant,
    if(several, 'several people at once', 'nobody for a while') AS holders
FROM contested
-- A handover is entered by the day, and its first use is not an incident.
WHERE n_events >= knob('min_events', 2);

-- /// fires: an account that two people hold at once
-- access:
--   account | action | local_ts         | rows
--   desk    | view   | 2026-03-02 10:00 |    3
-- accounts:
--   account | user_id
--   desk    | bo
--   desk    | ana
-- expect:
--   identity     | n_events | people_meant | holders
--   account:desk |        3 | ana, bo | several people at once
-- ///

-- /// fires: a card between its first holder and its next
-- badge:
--   badge_id | action | feed  | local_ts         | rows
--   c-7      | entry  | doors | 2026-02-10 08:00 |    1
--   c-7      | entry  | gates | 2026-02-10 09:00 |    2
--   c-7      | entry  | gates | 2026-01-10 09:00 |    9
--   c-7      | entry  | gates | 2026-03-10 09:00 |    9
--   c-7      | entry  | gates | 2026-04-10 09:00 |    9
-- badges:
--   badge_id | user_id | valid_from | valid_to
--   c-7      | ana     | 2026-01-01 | 2026-02-01
--   c-7      | bo      | 2026-03-01 | 2026-04-01
-- expect:
--   identity  | day        | n_events | people_meant | holders
--   badge:c-7 | 2026-02-10 |        3 | ana, bo | nobody for a while
-- ///

-- /// silent: an account that is passed on at noon, and one that nobody knows
-- access:
--   account | action | local_ts         | rows
--   desk    | view   | 2026-03-02 11:00 |    8
--   desk    | view   | 2026-03-02 13:00 |    8
--   ghost   | view   | 2026-03-02 13:00 |    8
-- accounts:
--   account | user_id | valid_from       | valid_to
--   desk    | ana     | 2026-01-01       | 2026-03-02 12:00
--   desk    | bo      | 2026-03-02 12:00 |
-- ///

-- /// silent: an account that is shared by intent
-- access:
--   account | action | local_ts         | rows
--   desk    | view   | 2026-03-02 11:00 |    8
-- accounts:
--   account | user_id | kind
--   desk    | ana     | shared
--   desk    | bo      | shared
-- ///

-- /// silent: one use between two holders
-- access:
--   account | action | local_ts         | rows
--   desk    | view   | 2026-03-02 11:00 |    1
-- accounts:
--   account | user_id | valid_from | valid_to
--   desk    | ana     | 2026-01-01 | 2026-03-01
--   desk    | bo      | 2026-04-01 |
-- ///
