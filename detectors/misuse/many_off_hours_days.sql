-- /// detector
-- title = "Active outside own hours on many more days than before, and than peers"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "itm.pr004"]
-- lookback = "120d"
-- says = """\
-- {user_id} was active outside own hours on {nights} of the last {present} days; \
-- usual {usual}, peers {peers}"""
-- description = """
-- Eight documents a night pass every threshold of a single night. What a patient
-- insider cannot hide is the number of nights.
-- """
-- falsepositives = [
--   "a project's last weeks, worked by one person alone",
--   "a change of shift that is missing in shifts.csv",
-- ]
-- blindspots = [
--   "an insider who has always worked late",
--   "a team that works late together",
--   "people in their first two months",
-- ]
-- triage = """
-- What was done in those nights: documents, media, rooms? Is there a reason the manager
-- knows of, asked as a question about workload? Compare with the evenings of the team.
-- """
-- ///

WITH days AS (
    SELECT
        presence.user_id,
        presence.day,
        user_day.x IS NOT NULL AS off_hours
    FROM presence
    LEFT JOIN user_day
        ON
            presence.user_id = user_day.user_id
            AND presence.day = user_day.day
            AND user_day.feature = 'off_hours_activity'
),

late AS (
    SELECT user_id
    FROM days
    GROUP BY user_id
    -- equivalent: ten in a month are ten in all, and few people's days need be counted
    HAVING count_if(off_hours) >= knob('min_nights', 10)  -- on call takes a week
),

counted AS (
    SELECT
        user_id,
        day,
        off_hours,
        count(*) OVER recent AS present,
        count(*) FILTER (WHERE off_hours) OVER recent AS nights,
        count(*) OVER earlier AS earlier_present,
        count(*) FILTER (WHERE off_hours) OVER earlier AS earlier_nights
    FROM days
    -- equivalent: nobody else has enough of them
    WHERE user_id IN (SELECT late.user_id FROM late)
    WINDOW
        recent AS (
            PARTITION BY user_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 29 DAYS PRECEDING AND CURRENT ROW
        ),
        earlier AS (
            PARTITION BY user_id
            ORDER BY day
            RANGE BETWEEN INTERVAL 119 DAYS PRECEDING AND INTERVAL 30 DAYS PRECEDING
        )
),

candidates AS (
    SELECT
        counted.*,
        people.role,
        counted.present * counted.earlier_nights / counted.earlier_present AS usual
    FROM counted
    LEFT JOIN people
        ON counted.user_id = people.user_id
    WHERE
        counted.off_hours
        AND counted.nights >= knob('min_nights', 10)  -- on call takes a week
        AND counted.earlier_present >= knob('min_days', 20)  -- a month of work
),

-- The same 30 days of everybody else in the role; where it is unknown, of everybody.
others AS (
    SELECT
        candidates.user_id,
        candidates.day,
        count_if(days.off_hours) / count(DISTINCT days.user_id) AS peers
    FROM candidates
    INNER JOIN days
        ON
            candidates.user_id <> days.user_id
            AND days.day BETWEEN candidates.day - 29 AND candidates.day
    LEFT JOIN people
        ON days.user_id = people.user_id
    WHERE candidates.role IS NOT DISTINCT FROM people.role
    GROUP BY candidates.user_id, candidates.day
)

SELECT
    candidates.user_id,
    candidates.day,
    candidates.nights,
    candidates.present,
    candidates.usual,
    coalesce(others.peers, 0) AS peers
FROM candidates
LEFT JOIN others
    ON candidates.user_id = others.user_id AND candidates.day = others.day
WHERE
    -- Far above own norm, so that a busy month of a late worker is none.
    candidates.nights >= knob('times_usual', 3) * candidates.usual
    -- And above the others', so that a quarter's end of a whole team is none.
    AND candidates.nights >= knob('times_peers', 2) * coalesce(others.peers, 0);

-- /// fires: ten nights in a month by someone who always went home at five
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    5 |   60
--   ana     | view   | 2026-03-16 22:00 |    8 |   10
--   bo      | view   | 2026-01-05 10:00 |    5 |   60
--   bo      | view   | 2026-02-25 22:00 |    5 |    2
--   bo      | view   | 2026-03-16 22:00 |    5 |    3
--   bo      | view   | 2026-03-27 22:00 |    5 |    2
-- people:
--   user_id | role
--   ana     | analyst
--   bo      | analyst
-- expect:
--   user_id | day        | nights | usual | peers
--   ana     | 2026-03-27 |     10 |     0 |     5
-- ///

-- /// fires: one analyst's nights and Sundays, while only the guards work nights, too
-- access:
--   user_id | action | local_ts         | rows | workdays | days
--   ana     | view   | 2026-01-05 10:00 |    5 |   60     |
--   ana     | view   | 2026-03-16 22:00 |    8 |          | 10
--   guard   | logon  | 2026-01-05 23:00 |    1 |          | 80
--   ops     | logon  | 2026-01-05 23:00 |    1 |          | 80
-- people:
--   user_id | role
--   ana     | analyst
--   guard   | guard
--   ops     | guard
-- expect:
--   user_id | day
--   ana     | 2026-03-25
-- ///

-- /// fires: half of the evenings in a month by someone who stayed late once a month
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ana     | view   | 2026-01-05 10:00 |    5 |   60
--   ana     | view   | 2026-01-12 20:00 |    5 |    1
--   ana     | view   | 2026-02-09 20:00 |    5 |    1
--   ana     | view   | 2026-03-16 22:00 |    8 |   10
-- expect:
--   user_id | day        | nights
--   ana     | 2026-03-27 |     10
-- ///

-- /// silent: someone who has stayed late every other week, and now does for three
-- access:
--   user_id | action | local_ts         | rows | workdays
--   bo      | view   | 2026-01-05 10:00 |    5 |   60
--   bo      | view   | 2026-01-05 20:00 |    5 |    5
--   bo      | view   | 2026-01-19 20:00 |    5 |    5
--   bo      | view   | 2026-02-02 20:00 |    5 |    5
--   bo      | view   | 2026-02-16 20:00 |    5 |    5
--   bo      | view   | 2026-03-09 20:00 |    5 |   15
-- ///

-- /// silent: an administrator's week on call
-- access:
--   user_id | action | local_ts         | rows | workdays | days
--   cy      | view   | 2026-01-05 10:00 |    5 |   60     |
--   cy      | logon  | 2026-03-16 23:00 |    1 |          | 7
-- ///

-- /// silent: a night shift that the register knows
-- access:
--   user_id | action | local_ts         | rows | workdays
--   di      | view   | 2026-01-05 10:00 |    5 |   40
--   di      | view   | 2026-03-02 23:00 |    5 |   25
-- shifts:
--   user_id | weekday | start | end   | valid_from | valid_to
--   di      | mon     | 08:00 | 18:00 |            | 2026-03-01
--   di      | tue     | 08:00 | 18:00 |            | 2026-03-01
--   di      | wed     | 08:00 | 18:00 |            | 2026-03-01
--   di      | thu     | 08:00 | 18:00 |            | 2026-03-01
--   di      | fri     | 08:00 | 18:00 |            | 2026-03-01
--   di      | mon     | 22:00 | 06:00 | 2026-03-01 |
--   di      | tue     | 22:00 | 06:00 | 2026-03-01 |
--   di      | wed     | 22:00 | 06:00 | 2026-03-01 |
--   di      | thu     | 22:00 | 06:00 | 2026-03-01 |
--   di      | fri     | 22:00 | 06:00 | 2026-03-01 |
-- ///

-- /// silent: a quarter's end that keeps the whole team
-- access:
--   user_id | action | local_ts         | rows | workdays
--   ed      | view   | 2026-01-05 10:00 |    5 |   60
--   ed      | view   | 2026-03-16 21:00 |    8 |   14
--   fe      | view   | 2026-01-05 10:00 |    5 |   60
--   fe      | view   | 2026-03-16 21:00 |    8 |   10
--   gi      | view   | 2026-01-05 10:00 |    5 |   60
--   gi      | view   | 2026-03-16 21:00 |    8 |   12
-- ///

-- /// silent: a newcomer's first weeks, some of them late
-- access:
--   user_id | action | local_ts         | rows | workdays
--   hu      | view   | 2026-02-16 10:00 |    5 |   25
--   hu      | view   | 2026-03-02 20:00 |    5 |   15
-- ///
