-- /// detector
-- title = "A log with nothing, or far too little, on a day that should have some"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.defense-impairment", "attack.t1685", "itm.pr018"]
-- lookback = "0d"
-- about = ["feed", "site"]
-- says = """\
-- {feed} at {site} delivered {delivered} events, where about {expected} were to be \
-- expected; rejected lines: {rejects}; {heard}; blind without it: \
-- {blinded}"""
-- description = """
-- Whoever can stop an agent, a controller or a collector need not hide anything else.
-- A night without a log is no quiet night: detectors that stand on it could not judge.
-- Expected is what the feed delivers on such a day, less where the house is half empty.
-- """
-- falsepositives = [
--   "a log that arrives late: the finding is withdrawn when it is there",
--   "an outage that has a ticket, a feed that was switched off by order",
--   "a closed house that calendar.csv does not know",
--   "an afternoon off that only this log shows",
--   "a small feed that comes in bursts, and once in a year or two not at all",
-- ]
-- blindspots = [
--   "a feed that has never delivered, or for fewer than 8 like days",
--   "one host of many; less than two whole hours; hours of a feed that is not busy",
--   "feeds of a handful of events a day; small feeds on days of rest",
-- ]
-- triage = """
-- Did the machine, the agent or the way of the log fail, and did anybody with the
-- rights to stop it work that night? Fetch the log from the source itself before it
-- rotates, then load it: the days are scanned again by themselves.
-- """
-- ///

-- A detector is blind for want of one source, or of all that could stand in for it.
WITH needs AS (
    SELECT
        detector,
        need,
        count(*) AS choices
    FROM detector_sources
    GROUP BY detector, need
),

blind_needs AS (
    SELECT
        feed_day.day,
        needs.detector,
        needs.need
    FROM needs
    INNER JOIN detector_sources
        ON
            needs.detector = detector_sources.detector
            AND needs.need = detector_sources.need
    INNER JOIN feed_day
        ON detector_sources.source = feed_day.source
    GROUP BY feed_day.day, needs.detector, needs.need, needs.choices
    HAVING needs.choices = 1 OR bool_and(feed_day.silent)
),

blind AS (
    SELECT
        blind_needs.day,
        detector_sources.source,
        array_agg(
            DISTINCT blind_needs.detector ORDER BY blind_needs.detector
        ) AS detectors
    FROM blind_needs
    INNER JOIN detector_sources
        ON
            blind_needs.detector = detector_sources.detector
            AND blind_needs.need = detector_sources.need
    GROUP BY blind_needs.day, detector_sources.source
),

-- How busy the house is, by its other feeds: a bridging day is no silence.
houses AS (
    SELECT
        feed_day.feed,
        feed_day.site,
        feed_day.day,
        least(1, sum(elsewhere.events) / sum(elsewhere.usual)) AS busy
    FROM feed_day
    INNER JOIN feed_day AS elsewhere
        ON
            feed_day.site = elsewhere.site
            AND feed_day.day = elsewhere.day
    WHERE NOT elsewhere.silent AND elsewhere.usual > 0
    GROUP BY feed_day.feed, feed_day.site, feed_day.day
),

quiet AS (
    SELECT
        feed_day.feed,
        feed_day.source,
        feed_day.site,
        feed_day.day,
        feed_day.events,
        feed_day.rejects,
        feed_day.last_day,
        feed_day.silent_from,
        feed_day.silent_until,
        feed_day.missed,
        feed_day.usual * coalesce(houses.busy, 1) AS expected
    FROM feed_day
    LEFT JOIN houses
        ON
            feed_day.feed = houses.feed
            AND feed_day.site = houses.site
            AND feed_day.day = houses.day
    WHERE
        feed_day.silent
        -- Before its first delivery a feed is not silent, only not there yet.
        AND feed_day.last_day IS NOT NULL
        -- On a day of rest a small feed lives by one or two people, who may sleep.
        AND (
            feed_day.day_type IN ('workday', 'make_up', 'short')
            OR feed_day.expected_low > 1
            -- equivalent: a gap in which nothing is missed is none
            OR feed_day.missed > 0
        )
)

SELECT
    quiet.feed,
    quiet.site,
    quiet.day,
    quiet.events AS delivered,
    quiet.rejects,
    quiet.last_day,
    quiet.silent_from,
    quiet.silent_until,
    quiet.missed::BIGINT AS missed,
    round(quiet.expected)::BIGINT AS expected,
    CASE
        WHEN quiet.missed IS NULL THEN 'last heard ' || quiet.last_day
        ELSE
            'nothing from ' || strftime(quiet.silent_from, '%H:%M') || ' to '
            || coalesce(strftime(quiet.silent_until, '%H:%M'), 'the end of the day')
            || ', at least ' || quiet.missed::BIGINT || ' events missing'
    END AS heard,
    coalesce(blind.detectors, []) AS blinded
FROM quiet
LEFT JOIN blind
    ON quiet.source = blind.source AND quiet.day = blind.day
WHERE
    -- Of a feed that has been dead for months nobody knows any more what is usual.
    quiet.expected IS NULL
    -- equivalent: a gap is one from 40 events on, so a knob of fewer finds no more
    -- A feed that stops at noon may still have more than the low mark of a day.
    OR quiet.missed >= knob('min_missed', 40)
    OR (
        -- A feed of a few events has none on some days.
        quiet.expected >= knob('min_expected', 10)
        -- With half of the house on a course even a busy feed is low.
        AND quiet.events <= knob('most_share', 0.2) * quiet.expected
    );

-- /// fires: two working days without a word from one of two door controllers
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   60 |   16
-- badge:
--   user_id | action | feed  | local_ts         | rows | workdays
--   ana     | entry  | doors | 2026-01-05 09:00 |   20 |   10
--   ana     | entry  | doors | 2026-01-21 09:00 |   20 |    4
--   ana     | entry  | gates | 2026-01-05 09:00 |   20 |   16
-- usb:
--   user_id | action  | local_ts         | workdays
--   ana     | connect | 2026-01-05 09:00 |   16
-- detector_sources:
--   detector | need            | source
--   bulk     | access          | access
--   entries  | badge           | badge
--   nights   | access or badge | access
--   nights   | access or badge | badge
--   rooms    | access          | access
--   rooms    | badge           | badge
--   sticks   | access or badge | access
--   sticks   | access or badge | badge
--   sticks   | usb             | usb
-- expect:
--   feed  | site | day        | delivered | expected | last_day   | blinded
--   doors | HQ   | 2026-01-19 |         0 |       20 | 2026-01-16 | entries, rooms
--   doors | HQ   | 2026-01-20 |         0 |       20 | 2026-01-16 | entries, rooms
-- ///

-- /// fires: a day on which neither of two logs can stand in for the other
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   60 |   10
-- badge:
--   user_id | action | local_ts         | rows | workdays
--   ana     | entry  | 2026-01-05 09:00 |   20 |   10
-- usb:
--   user_id | action  | local_ts         | workdays
--   ana     | connect | 2026-01-05 09:00 |   11
-- detector_sources:
--   detector | need            | source
--   nights   | access or badge | access
--   nights   | access or badge | badge
-- expect:
--   feed   | day        | expected | blinded
--   access | 2026-01-19 |       60 | nights
--   badge  | 2026-01-19 |       20 | nights
-- ///

-- /// fires: three events of a hundred, and a feed that no detector stands on
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |  100 |   10
--   ana     | view   | 2026-01-19 10:00 |    3 |    1
-- expect:
--   feed   | day        | delivered
--   access | 2026-01-19 |         3
-- ///

-- /// fires: a Saturday without a word from a server that has work every night
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |   60 |   33
--   ana     | view   | 2026-02-08 10:00 |   60 |    2
-- expect:
--   feed   | day        | expected | last_day
--   access | 2026-02-07 |       60 | 2026-02-06
-- ///

-- /// fires: a feed that has been dead for months, on every working day
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   20 |    4
-- badge:
--   user_id | action | local_ts         | rows | workdays
--   ana     | entry  | 2026-01-05 09:00 |   20 |   47
-- expect:
--   feed   | day        | expected | last_day
--   access | 2026-03-06 | null     | 2026-01-08
--   access | 2026-03-09 | null     | 2026-01-08
--   access | 2026-03-10 | null     | 2026-01-08
-- ///

-- /// fires: a busy log that stops at eleven on a working day, and one with a hole
-- access:
--   user_id | action | feed  | local_ts         | rows | every | workdays
--   ana     | view   | files | 2026-01-05 08:00 |  600 |    60 |       10
--   ana     | view   | files | 2026-01-19 08:00 |  181 |    60 |        1
--   ana     | view   | files | 2026-01-20 08:00 |  600 |    60 |        1
--   ana     | view   | mails | 2026-01-05 08:00 |  600 |    60 |       11
--   ana     | view   | mails | 2026-01-20 08:00 |  240 |    60 |        1
--   ana     | view   | mails | 2026-01-20 15:00 |  180 |    60 |        1
-- expect:
--   feed  | day        | delivered | silent_from      | silent_until     | missed
--   files | 2026-01-19 |       181 | 2026-01-19 11:00 | null             |    300
--   mails | 2026-01-20 |       420 | 2026-01-20 11:59 | 2026-01-20 15:00 |    180
-- ///

-- /// fires: a Saturday's run that stops, where one rest day in three has none
-- access:
--   user_id | action | local_ts         | rows | every | days
--   ana     | view   | 2026-01-03 08:00 |  600 |    60 |    2
--   ana     | view   | 2026-01-17 08:00 |  600 |    60 |    2
--   ana     | view   | 2026-01-31 08:00 |  600 |    60 |    2
--   ana     | view   | 2026-02-07 08:00 |  600 |    60 |    2
--   ana     | view   | 2026-02-14 08:00 |  181 |    60 |
-- expect:
--   feed   | day        | silent_from
--   access | 2026-02-14 | 2026-02-14 11:00
-- ///

-- /// silent: an afternoon off, in all logs alike
-- access:
--   user_id | action | feed  | local_ts         | rows | every | workdays
--   ana     | view   | files | 2026-01-05 08:00 |  600 |    60 |       10
--   ana     | view   | files | 2026-01-19 08:00 |  240 |    60 |        1
--   ana     | view   | mails | 2026-01-05 08:00 |  600 |    60 |       10
--   ana     | view   | mails | 2026-01-19 08:00 |  240 |    60 |        1
--   ana     | view   | mails | 2026-01-19 12:00 |   30 |   600 |        1
-- ///

-- /// silent: an hour's restart of a server at noon
-- access:
--   user_id | action | local_ts         | rows | every | workdays
--   ana     | view   | 2026-01-05 08:00 |  600 |    60 |       10
--   ana     | view   | 2026-01-19 08:00 |  240 |    60 |        1
--   ana     | view   | 2026-01-19 13:00 |  300 |    60 |        1
-- ///

-- /// silent: weekends, and a holiday that the calendar knows
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   60 |   10
--   ana     | view   | 2026-01-20 10:00 |   60 |    8
-- calendar:
--   site | day        | day_type
--   HQ   | 2026-01-19 | holiday
-- ///

-- /// silent: a free Saturday of the only colleague who works at weekends
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |   20 |   33
--   ana     | view   | 2026-02-08 10:00 |   20 |    2
-- ///

-- /// silent: the weeks before a new site's controller was put up
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   60 |   25
-- badge:
--   user_id | action | local_ts         | rows | workdays
--   ana     | entry  | 2026-01-26 09:00 |   20 |   10
-- ///

-- /// silent: a small feed of a few sticks a day, and one day without any
-- usb:
--   user_id | action  | local_ts         | rows | workdays
--   ana     | connect | 2026-01-05 11:00 |    6 |   10
--   ana     | connect | 2026-01-20 11:00 |    6 |    1
-- ///

-- /// silent: a bridging day on which hardly anybody came, in all logs alike
-- access:
--   user_id | action | feed  | local_ts         | rows | workdays
--   ana     | view   | files | 2026-01-05 10:00 |  100 |   10
--   ana     | view   | files | 2026-01-19 10:00 |   30 |    1
--   ana     | view   | rare  | 2026-01-05 10:00 |    1 |    1
--   ana     | view   | rare  | 2026-01-16 10:00 |    1 |    1
--   ana     | view   | rare  | 2026-01-19 10:00 |  200 |    1
-- badge:
--   user_id | action | local_ts         | rows | workdays
--   ana     | entry  | 2026-01-05 09:00 |  100 |   10
--   ana     | entry  | 2026-01-19 09:00 |   15 |    1
-- usb:
--   user_id | action  | local_ts         | rows | workdays
--   ana     | connect | 2026-01-05 11:00 |   20 |   10
-- ///

-- /// silent: half of the usual events on a working day
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |   60 |   10
--   ana     | view   | 2026-01-19 10:00 |   30 |    1
-- ///
