-- /// detector
-- title = "A clock that ran ahead, was set back, or does not fit the doors"
-- level = "low"
-- status = "stable"
-- tags = ["attack.stealth", "attack.t1070.006", "itm.af032"]
-- lookback = "0d"
-- about = ["feed", "site", "kind"]
-- says = """\
-- {feed} at {site}: {n_events} events {what}, by up to {minutes} minutes; \
-- hosts or doors: {places}; in doubt with it: {blinded}"""
-- description = """
-- Whoever sets a clock chooses when things seem to have happened: at night what was by
-- day, before leaving what was after. Three signs: stamps later than their own loading,
-- a host whose own lines step back in a file that is in order of time, and people who
-- are at work at fixed desks before the entrance saw them come, or after they went.
-- """
-- falsepositives = [
--   "a workstation without a time server",
--   "a feed whose zone is wrong in nightporter.toml: `nightporter doctor` tells",
--   "two exports of one day put into one file",
-- ]
-- blindspots = [
--   "a clock that was set forward, or back over the start of the business day",
--   "exports that are not in order of time, and hosts of a few lines a day",
--   "one desk of many against the doors; sites without readers on the way in or out",
-- ]
-- triage = """
-- Compare the clock of the host or controller with a time server, and look for events
-- 1, 4616 and 37 or their like. If it was set by hand: who was logged on? Until that
-- is known, stamps of that day prove no order of events.
-- """
-- ///

WITH blinded AS (
    SELECT
        source,
        array_agg(DISTINCT detector ORDER BY detector) AS detectors
    FROM detector_sources
    GROUP BY source
),

odd AS (
    SELECT
        source,
        feed,
        site,
        day,
        kind,
        sum(events)::BIGINT AS n_events,
        max(minutes) AS minutes,
        array_agg(host ORDER BY events DESC, host ASC)
        FILTER (WHERE host <> '') AS places,
        flatten(array_agg(examples)) AS events
    FROM feed_clock
    -- equivalent: min_apart is more, unless a site turns it down
    -- Clocks of a domain may differ by five minutes, and Kerberos still works.
    WHERE kind = 'apart' OR minutes >= knob('min_minutes', 6)
    GROUP BY source, feed, site, day, kind
)

SELECT
    odd.feed,
    odd.site,
    odd.kind,
    odd.day,
    odd.n_events,
    odd.minutes,
    odd.events,
    coalesce(odd.places, []) AS places,
    coalesce(blinded.detectors, []) AS blinded,
    CASE odd.kind
        WHEN 'future' THEN 'were stamped after they were loaded'
        WHEN 'back' THEN 'step back behind the line before them'
        ELSE 'are before people came in or after they went home'
    END AS what
FROM odd
LEFT JOIN blinded
    ON odd.source = blinded.source
WHERE
    -- Half of the people are never at their desks so long before they come.
    (odd.kind = 'apart' AND odd.minutes >= knob('min_apart', 30))
    -- One line is a slip of a buffer; a clock that is wrong is wrong for longer.
    OR (odd.kind = 'future' AND odd.n_events >= knob('min_future', 3))
    OR odd.kind = 'back';

-- /// fires: a host that runs two hours ahead
-- access:
--   user_id | action | local_ts         | ingested_at      | rows
--   ana     | view   | 2026-03-02 12:00 | 2026-03-02 10:00 |    5
--   bo      | view   | 2026-03-02 10:05 | 2026-03-02 10:00 |    5
--   gi      | view   | 2026-03-02 10:40 | 2026-03-02 10:00 |    4
--   eve     | view   | 2026-03-02 09:00 | 2026-03-02 10:00 |    5
-- detector_sources:
--   detector | need   | source
--   bulk     | access | access
--   doors    | badge  | badge
-- expect:
--   feed   | site | kind   | day        | n_events | minutes | places        | blinded
--   access | HQ   | future | 2026-03-02 |        9 |     120 | pc-ana, pc-gi | bulk
-- ///

-- /// fires: a workstation that is set back by three hours at noon
-- access:
--   user_id | action | local_ts         | rows | every
--   ana     | view   | 2026-03-02 08:00 |  120 |   120
--   ana     | view   | 2026-03-02 09:00 |   30 |   120
-- expect:
--   kind | minutes | n_events | places | what
--   back |     178 |        1 | pc-ana | step back behind the line before them
-- ///

-- /// fires: a file server that is an hour slow, against the readers at the gate
-- badge:
--   user_id | action | door_id | local_ts         | direction
--   ana     | entry  | gate    | 2026-03-02 08:00 | in
--   bo      | entry  | gate    | 2026-03-02 08:10 | in
--   cyd     | entry  | gate    | 2026-03-02 08:20 | in
--   dee     | entry  | gate    | 2026-03-02 08:30 | in
--   eve     | entry  | gate    | 2026-03-02 08:40 | in
-- access:
--   user_id | action | host | local_ts
--   ana     | logon  | pc-1 | 2026-03-02 07:10
--   bo      | logon  | pc-1 | 2026-03-02 07:20
--   cyd     | logon  | pc-1 | 2026-03-02 07:30
--   dee     | logon  | pc-1 | 2026-03-02 07:40
--   eve     | logon  | pc-1 | 2026-03-02 07:50
-- doors:
--   door_id | site | zone_from | zone_to | kind
--   gate    | HQ   | outside   | main    | entrance
-- hosts:
--   host | zone | kind
--   pc-1 | main | workstation
-- expect:
--   kind  | minutes | places | what
--   apart |      50 | ,      | are before people came in or after they went home
-- ///

-- /// silent: exports that are sorted by person, or by kind of deed
-- access:
--   user_id | action   | host | feed  | local_ts         | rows | every
--   ana     | view     | pc-1 | files | 2026-03-02 08:00 |  120 |   120
--   bo      | view     | pc-1 | files | 2026-03-02 08:00 |  120 |   120
-- usb:
--   user_id | action   | host | feed  | local_ts         | rows | every
--   ana     | connect  | pc-1 | media | 2026-03-02 08:00 |  120 |   120
--   ana     | write    | pc-1 | media | 2026-03-02 08:00 |  120 |   120
-- ///

-- /// silent: a merged log in which one line in ten is late
-- access:
--   user_id | action | local_ts         | rows | every
--   ana     | view   | 2026-03-02 08:00 |   10 |    60
--   ana     | view   | 2026-03-02 07:50 |    1 |
--   ana     | view   | 2026-03-02 08:10 |   10 |    60
-- ///

-- /// silent: two events of the future, and a clock that is some minutes ahead
-- access:
--   user_id | action | local_ts         | ingested_at      | rows
--   ana     | view   | 2026-03-02 12:00 | 2026-03-02 10:00 |    2
--   bo      | view   | 2026-03-02 10:05 | 2026-03-02 10:00 |    9
-- ///

-- /// silent: a gate that is five minutes ahead, and one who goes out for lunch
-- badge:
--   user_id | action | door_id | local_ts         | direction
--   ana     | entry  | gate    | 2026-03-02 08:00 | in
--   bo      | entry  | gate    | 2026-03-02 08:10 | in
--   cyd     | entry  | gate    | 2026-03-02 08:20 | in
--   dee     | entry  | gate    | 2026-03-02 08:30 | in
--   eve     | entry  | gate    | 2026-03-02 13:00 | in
-- access:
--   user_id | action | host | local_ts
--   ana     | logon  | pc-1 | 2026-03-02 07:55
--   bo      | logon  | pc-1 | 2026-03-02 08:05
--   cyd     | logon  | pc-1 | 2026-03-02 08:15
--   dee     | logon  | pc-1 | 2026-03-02 08:25
--   eve     | logon  | pc-1 | 2026-03-02 07:50
-- doors:
--   door_id | site | zone_from | zone_to | kind
--   gate    | HQ   | outside   | main    | entrance
-- hosts:
--   host | zone | kind
--   pc-1 | main | workstation
-- ///
