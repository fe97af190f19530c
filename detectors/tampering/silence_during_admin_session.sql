-- /// detector
-- title = "A log fell silent while hardly anybody but an administrator was at work"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.defense-impairment", "attack.t1685", "attack.t1685.002"]
-- lookback = "7d"
-- about = ["feed", "site"]
-- says = """\
-- {feed} at {site} is silent since {silent_since}; administrators at work \
-- then: {admins}, changes: {changes}"""
-- description = """
-- Whoever stops an agent has the right to, and is there. Where a log breaks off and one
-- or two administrators were at work around its last event, they ought to know why.
-- In office hours they always are: then only a change counts. Said once, on the first
-- silent day. With three or more at work nobody stands out.
-- """
-- falsepositives = [
--   "maintenance by order: a change window that has a ticket",
--   "an administrator who was called because the machine had broken down",
-- ]
-- blindspots = [
--   "an agent of a single host; a feed of a few events a day",
--   "a silence that was set to begin later, by a task",
--   "administrators whose account accounts.csv calls a person's",
--   "a change that no log shows, by somebody at another site",
-- ]
-- needs = ["accounts.kind"]
-- triage = """
-- Is there a change with that feed's name in it? What does the machine itself say: was
-- the service stopped, by whom, or did it crash? Fetch the missing log from the source
-- by somebody else. What did those people do in the silence, by the other logs?
-- """
-- ///

-- Where a log breaks off: within a day, or at the end of the last day that had any.
WITH breaks AS (
    SELECT
        feed_day.feed,
        feed_day.site,
        feed_day.day,
        coalesce(feed_day.silent_from, feed_day.last_at) AS silent_since
    FROM feed_day
    WHERE
        feed_day.silent
        -- Where it says a little all day, nobody knows since when.
        AND (feed_day.silent_from IS NOT NULL OR feed_day.events = 0)
        -- Of several silent days the first: then it happened.
        AND NOT EXISTS (
            SELECT 1
            FROM presence
            WHERE
                presence.day > feed_day.last_day
                AND presence.day < feed_day.day
                AND presence.day_type = feed_day.day_type
        )
),

-- What only administrators do, or do with an account that only they have.
acts AS (
    SELECT
        event,
        user_id,
        site,
        ts,
        local_ts,
        day,
        action IN ('admin_change', 'log_cleared') AS is_change
    FROM access
    WHERE
        NOT automated
        AND outcome <> 'failure'
        AND (
            (account_kind = 'privileged' AND off_hours)
            OR action IN ('admin_change', 'log_cleared')
        )
)

SELECT
    breaks.feed,
    breaks.site,
    breaks.day,
    breaks.silent_since,
    count_if(acts.is_change)::INT AS changes,
    list(DISTINCT acts.user_id ORDER BY acts.user_id) AS admins,
    list(DISTINCT acts.user_id ORDER BY acts.user_id) AS candidates,
    array_agg(acts.event ORDER BY acts.ts, acts.event) AS events
FROM breaks
INNER JOIN acts
    ON
        -- Clocks of two sites do not compare; what names none may be of any.
        (
            breaks.site = acts.site
            OR breaks.site = ''
            OR coalesce(acts.site, '') = ''
        )
        AND breaks.silent_since
        -- The last event may lie a little before the act that ends all events.
        <= acts.local_ts + INTERVAL 1 MINUTE * knob('margin_minutes', 30)
        AND (
            breaks.silent_since
            -- What is stopped may still send what it holds.
            >= acts.local_ts - INTERVAL 1 MINUTE * knob('margin_minutes', 30)
            -- Nobody plugs in at night: until the morning nothing shows.
            OR (acts.is_change AND breaks.day > acts.day)
        )
GROUP BY breaks.feed, breaks.site, breaks.day, breaks.silent_since
HAVING count(DISTINCT acts.user_id) <= knob('most_admins', 2);  -- more is a shift

-- /// fires: a drive log that ends at night, as its administrator changes something
-- usb:
--   user_id | action  | local_ts         | rows | every | workdays
--   ana     | connect | 2026-01-05 09:30 | 20   | 1800  | 10
--   ana     | connect | 2026-01-21 09:30 | 20   | 1800  | 4
-- access:
--   account | action       | local_ts         | workdays | outcome | automated | site
--   ana     | view         | 2026-01-05 10:00 | 16       |         | |
--   adm-di  | logon        | 2026-01-16 18:29 |          |         | |
--   adm-ed  | admin_change | 2026-01-16 18:29 |          |         | |
--   adm-bo  | logon        | 2026-01-16 18:30 |          |         | |
--   adm-gi  | logon        | 2026-01-16 19:10 |          | failure | |
--   svc     | admin_change | 2026-01-16 19:10 |          |         | true |
--   ana     | view         | 2026-01-16 19:15 |          |         | |
--   adm-di  | view         | 2026-01-16 19:31 |          |         | |
--   ed      | admin_change | 2026-01-17 04:00 |          |         | | null
--   ana     | view         | 2026-01-17 12:00 |          |         | |
--   adm-bo  | admin_change | 2026-01-19 05:00 |          |         | |
--   adm-bo  | admin_change | 2026-01-21 09:00 |          |         | |
-- accounts:
--   account | user_id | kind
--   ana     | ana     | person
--   adm-bo  | bo      | privileged
--   adm-di  | di      | privileged
--   adm-ed  | ed      | privileged
--   adm-gi  | gi      | privileged
-- people:
--   user_id
--   ed
-- expect:
--   feed | day        | silent_since     | changes | admins
--   usb  | 2026-01-19 | 2026-01-16 19:00 | 1       | bo, ed
-- ///

-- /// fires: a busy log that stops at eleven, as a collector is changed
-- access:
--   account | action       | feed  | local_ts         | rows | every | workdays | site
--   ana     | view         | files | 2026-01-05 08:00 | 600  | 60    | 10 | null
--   ana     | view         | files | 2026-01-19 08:00 | 181  | 60    | 1 | null
--   ana     | view         | admin | 2026-01-05 09:00 | 20   | 60    | 11 |
--   adm-bo  | admin_change | admin | 2026-01-19 11:30 |      |       | |
--   adm-cy  | admin_change | admin | 2026-01-19 11:31 |      |       | |
--   adm-di  | logon        | admin | 2026-01-19 11:00 |      |       | |
-- accounts:
--   account | user_id | kind
--   ana     | ana     | person
--   adm-bo  | bo      | privileged
--   adm-cy  | cy      | privileged
--   adm-di  | di      | privileged
-- expect:
--   feed  | day        | silent_since     | changes | admins
--   files | 2026-01-19 | 2026-01-19 11:00 | 1       | bo
-- ///

-- /// silent: an outage on a night on which three administrators were at work
-- usb:
--   user_id | action  | local_ts         | rows | every | workdays
--   ana     | connect | 2026-01-05 09:00 | 20   | 1800  | 10
--   ana     | connect | 2026-01-20 09:00 | 20   | 1800  | 4
-- access:
--   account | action | local_ts
--   adm-bo  | logon  | 2026-01-16 18:30
--   adm-cy  | logon  | 2026-01-16 18:50
--   adm-di  | logon  | 2026-01-16 18:55
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
--   adm-cy  | cy      | privileged
--   adm-di  | di      | privileged
-- ///

-- /// silent: an outage in office hours, with administrators at their daily work
-- usb:
--   user_id | action  | local_ts         | rows | every | workdays
--   ana     | connect | 2026-01-05 09:00 | 20   | 600   | 10
--   ana     | connect | 2026-01-20 09:00 | 20   | 600   | 4
-- access:
--   account | action | local_ts         | workdays
--   adm-bo  | view   | 2026-01-05 13:00 | 14
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- ///

-- /// silent: a log that says less than usual, and a change while all is well
-- usb:
--   user_id | action  | local_ts         | rows | workdays
--   ana     | connect | 2026-01-05 09:00 | 100  | 10
--   ana     | connect | 2026-01-19 09:00 | 3    | 1
--   ana     | connect | 2026-01-20 09:00 | 100  | 4
-- access:
--   account | action       | local_ts         | workdays
--   adm-bo  | admin_change | 2026-01-05 20:00 | 15
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- ///

-- /// silent: a change at another site, whose clock shows the same
-- usb:
--   user_id | action  | site | local_ts         | rows | every | workdays
--   ana     | connect | HAM  | 2026-01-05 09:30 | 20   | 1800  | 10
--   ana     | connect | HAM  | 2026-01-20 09:30 | 20   | 1800  | 4
-- access:
--   account | action       | site | local_ts         | workdays
--   ana     | view         | HAM  | 2026-01-05 10:00 | 14
--   adm-bo  | view         | SHA  | 2026-01-05 10:00 | 14
--   adm-bo  | admin_change | SHA  | 2026-01-16 19:00 |
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- ///
