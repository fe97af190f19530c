-- /// detector
-- title = "Two months of silence, then somebody logs on"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.initial-access", "attack.t1078", "itm.me024"]
-- lookback = "180d"
-- says = """\
-- {user_id} logged on after {silent_days} days without {of_what}; \
-- last: {last_day}"""
-- description = """
-- An account that nobody watches is a good one to borrow. Either all of a person was
-- silent, cards and drives included, or the privileged account of somebody who went on
-- working with the other one. Leave that absences.csv knows does not count as silence,
-- unless it still lasts.
-- """
-- falsepositives = [
--   "a long leave or an illness that absences.csv does not know",
--   "a privileged account for a task that comes once a quarter",
-- ]
-- blindspots = [
--   "a person who was silent for more than half a year",
--   "one of several privileged accounts of the same person",
--   "an everyday account that sleeps while its person still uses card or drives",
--   "accounts of many hands",
-- ]
-- triage = """
-- Is the person back, in the house and at the own desk? Ask them by telephone, not by
-- mail. If not: from where was the logon, and who could have set the password anew?
-- """
-- ///

WITH gaps AS (
    SELECT
        user_id,
        day,
        lag(day) OVER (PARTITION BY user_id ORDER BY day) AS last_day
    FROM presence
),

silences AS (
    SELECT *
    FROM gaps
    WHERE
        -- equivalent: what leave takes away makes it shorter yet
        day - last_day >= knob('min_days', 60)
        -- equivalent: a night looks back no further, and so must many in one pass
        AND day - last_day <= 180
),

logons AS (
    SELECT
        user_id,
        day,
        bool_or(feature = 'privileged_logons') AS privileged,
        bool_or(day_type = 'leave') AS on_leave
    FROM user_day
    WHERE feature IN ('logons', 'privileged_logons')
    GROUP BY user_id, day
),

-- The newest privileged account: what it could not do before is no silence.
given AS (
    SELECT
        user_id,
        max(valid_from)::DATE AS given_on
    FROM accounts
    WHERE kind = 'privileged'
    GROUP BY user_id
),

logon_days AS (
    SELECT
        user_id,
        day,
        privileged,
        on_leave,
        min(day) OVER earlier AS since,
        max(CASE WHEN privileged THEN day END) OVER earlier AS last_day
    FROM logons
    -- equivalent: who was given none is left out below, and most people were not
    WHERE user_id IN (SELECT given.user_id FROM given)
    WINDOW
        earlier AS (
            PARTITION BY user_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 180 DAYS PRECEDING AND INTERVAL 1 DAYS PRECEDING
        )
),

awake AS (
    SELECT
        logons.user_id,
        logons.day,
        logons.on_leave,
        silences.last_day,
        silences.last_day AS since,
        'any sign of life' AS of_what
    FROM silences
    INNER JOIN logons
        ON
            silences.user_id = logons.user_id
            AND silences.day = logons.day
    UNION ALL BY NAME
    SELECT
        logon_days.user_id,
        logon_days.day,
        logon_days.on_leave,
        logon_days.last_day,
        coalesce(
            logon_days.last_day,
            -- Never, as far as one can see: since it could have been used.
            CASE
                WHEN logon_days.since IS NOT NULL
                    THEN greatest(logon_days.since, given.given_on)
            END
        ) AS since,
        'a logon of the privileged account' AS of_what
    FROM logon_days
    INNER JOIN given
        ON logon_days.user_id = given.user_id
    WHERE logon_days.privileged
),

-- Leave between the last day and this one.
leaves AS (
    SELECT
        awake.user_id,
        awake.day,
        awake.of_what,
        -- Two lines may speak of one day.
        count(DISTINCT away.leave_day) AS leave_days
    FROM awake
    INNER JOIN absences
        ON awake.user_id = absences.user_id
    CROSS JOIN
        unnest(
            range(
                greatest(absences."from"::DATE, awake.since + 1),
                least(absences."to"::DATE, awake.day),
                INTERVAL 1 DAY
            )
        ) AS away (leave_day)
    -- Who is still on leave is not back from it.
    WHERE NOT awake.on_leave
    GROUP BY awake.user_id, awake.day, awake.of_what
),

measured AS (
    SELECT
        awake.*,
        awake.day - awake.since - coalesce(leaves.leave_days, 0) AS silent_days
    FROM awake
    LEFT JOIN leaves
        ON
            awake.user_id = leaves.user_id
            AND awake.day = leaves.day
            AND awake.of_what = leaves.of_what
)

SELECT
    user_id,
    day,
    silent_days::INT AS silent_days,
    of_what,
    coalesce(strftime(last_day, '%Y-%m-%d'), 'long ago, if ever') AS last_day
FROM measured
WHERE silent_days >= knob('min_days', 60)  -- a semester break is shorter
-- Of two silences the longer; all of a person's is also that of the account.
QUALIFY
    row_number() OVER (
        PARTITION BY user_id, day
        ORDER BY silent_days DESC, of_what DESC
    ) = 1;

-- /// fires: everyday and privileged account of somebody, and a card that moved no door
-- access:
--   user_id | account | action | local_ts         | workdays
--   ana     | ana     | logon  | 2026-01-05 08:00 | 5
--   ana     | ana     | logon  | 2026-03-10 21:00 |
--   bo      | bo      | logon  | 2026-01-05 08:00 | 60
--   bo      | adm-bo  | logon  | 2026-01-05 09:00 | 5
--   bo      | adm-bo  | unlock | 2026-03-10 21:00 |
--   cy      | adm-cy  | logon  | 2026-01-05 08:00 |
--   cy      | cy      | logon  | 2026-01-09 08:00 |
--   cy      | adm-cy  | logon  | 2026-03-10 21:00 |
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
--   adm-cy  | cy      | privileged
-- expect:
--   user_id | day        | silent_days | last_day
--   ana     | 2026-03-10 | 60          | 2026-01-09
--   cy      | 2026-03-10 | 64          | 2026-01-05
--   bo      | 2026-03-10 | 60          | 2026-01-09
-- ///

-- /// fires: a privileged account that was never used, two months after it was given
-- access:
--   user_id | account | action | local_ts         | workdays
--   bo      | bo      | logon  | 2026-01-05 08:00 | 60
--   bo      | adm-bo  | logon  | 2026-03-14 21:00 |
-- accounts:
--   account | user_id | kind       | valid_from
--   adm-bo  | bo      | privileged | 2026-01-13
--   bo-2    | bo      | person     | 2026-02-01
-- expect:
--   user_id | day        | silent_days | last_day
--   bo      | 2026-03-14 | 60          | long ago, if ever
-- ///

-- /// fires: in the middle of a leave of months, and long after one written twice
-- access:
--   user_id | action | local_ts
--   ana     | logon  | 2026-01-09 08:00
--   ana     | logon  | 2026-03-10 21:00
--   bo      | logon  | 2026-01-09 08:00
--   bo      | logon  | 2026-04-10 21:00
-- absences:
--   user_id | from       | to
--   ana     | 2026-01-12 | 2026-03-11
--   bo      | 2026-01-12 | 2026-02-01
--   bo      | 2026-01-20 | 2026-02-12
-- expect:
--   user_id | day        | silent_days
--   ana     | 2026-03-10 | 60
--   bo      | 2026-04-10 | 60
-- ///

-- /// silent: back from leave, from one of weeks, and from a shorter silence
-- access:
--   user_id | action | local_ts
--   ana     | logon  | 2026-01-09 08:00
--   ana     | logon  | 2026-03-12 08:00
--   bo      | logon  | 2026-01-10 08:00
--   bo      | logon  | 2026-03-10 08:00
-- absences:
--   user_id | from       | to
--   ana     | 2026-01-01 | 2026-01-13
--   ana     | 2026-02-02 | 2026-02-03
--   bo      | 2026-03-20 | 2026-03-30
--   cy      | 2026-01-10 | 2026-03-10
-- ///

-- /// silent: newcomers, a new privileged account, and one who seldom logs on
-- access:
--   user_id | account | action | local_ts         | days
--   new     | new     | logon  | 2026-03-10 08:00 |
--   new     | adm-new | logon  | 2026-03-10 09:00 |
--   bo      | bo      | logon  | 2026-01-05 08:00 | 70
--   bo      | adm-bo  | logon  | 2026-03-10 08:00 |
--   cy      | cy      | logon  | 2026-01-05 08:00 |
--   cy      | cy      | view   | 2026-01-06 08:00 | 70
--   cy      | cy      | logon  | 2026-03-15 08:00 |
--   di      | di      | view   | 2026-01-05 08:00 | 70
--   di      | adm-di  | logon  | 2026-03-10 08:00 |
-- accounts:
--   account | user_id | kind       | valid_from
--   adm-bo  | bo      | privileged | 2026-01-10
--   old-bo  | bo      | privileged |
--   adm-new | new     | privileged |
--   adm-di  | di      | privileged |
-- ///

-- /// silent: what wakes without a hand: a document, a task, a mounted share
-- access:
--   user_id | account | action | local_ts         | logon_type
--   ana     | ana     | logon  | 2026-01-05 08:00 | 2
--   ana     | ana     | view   | 2026-03-10 21:00 |
--   bo      | adm-bo  | logon  | 2026-01-05 08:00 | 2
--   bo      | bo      | view   | 2026-03-09 08:00 |
--   bo      | adm-bo  | logon  | 2026-03-10 08:00 | 3
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- ///

-- /// silent: an administrator back from two months of leave, with both accounts
-- access:
--   user_id | account | action | local_ts         | workdays
--   bo      | bo      | logon  | 2026-01-05 08:00 | 5
--   bo      | adm-bo  | logon  | 2026-01-05 09:00 | 5
--   bo      | bo      | logon  | 2026-03-16 08:00 | 2
--   bo      | adm-bo  | logon  | 2026-03-17 09:00 |
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- absences:
--   user_id | from       | to
--   bo      | 2026-01-10 | 2026-03-16
-- ///
