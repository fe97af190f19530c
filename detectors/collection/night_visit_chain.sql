-- /// detector
-- title = "Night after night: came in off hours, took documents, left"
-- level = "high"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "itm.pr004"]
-- lookback = "180d"
-- says = """\
-- {user_id} came in off hours and took {documents} documents, {media_files} files to \
-- removable media; such nights in 30 days: {nights}, usual {usual}"""
-- description = """
-- One night says nothing, and eight documents are few. A chain of nights, each an entry
-- off hours and documents taken or written out within four hours, is no errand. The
-- yardstick is the person's own half year before.
-- """
-- falsepositives = [
--   "an approved migration by night",
--   "a deadline with dinners outside",
--   "a shift that is missing in shifts.csv",
-- ]
-- blindspots = [
--   "documents only looked at",
--   "nights on which somebody held the door, and sites whose doors have no reader",
--   "who stays late and never leaves, or works from home",
--   "a habit of a quarter or more, and people in their first two months",
-- ]
-- needs = ["doors.kind"]
-- triage = """
-- Put badge, files and media of each night side by side. Is there a duty, a ticket, an
-- order? Secure the recordings of the entrance while they last, before you ask.
-- """
-- ///

WITH taken AS (
    SELECT
        user_id,
        day,
        sum(x) FILTER (WHERE feature = 'night_visit_documents')::INT AS documents,
        sum(x) FILTER (WHERE feature = 'night_visit_media_writes')::INT AS media_files
    FROM user_day
    -- equivalent: the sums take these two alone, and a night of others is none
    WHERE feature IN ('night_visit_documents', 'night_visit_media_writes')
    GROUP BY user_id, day
),

nights AS (
    SELECT *
    FROM taken
    WHERE
        documents >= knob('min_documents', 3)  -- one or two are a forgotten paper
        -- equivalent: what was not done is no row of user_day, so no sum is 0
        OR media_files > 0  -- at night nobody needs a stick
),

days AS (
    SELECT
        presence.user_id,
        presence.day,
        nights.documents,
        nights.media_files,
        count(*) OVER recent AS present,
        count(nights.day) OVER recent AS nights,
        count(*) OVER earlier AS earlier_present,
        count(nights.day) OVER earlier AS earlier_nights
    FROM presence
    LEFT JOIN nights
        ON
            presence.user_id = nights.user_id
            AND presence.day = nights.day
    -- equivalent: who has no such night is not told; it saves counting everybody's days
    WHERE presence.user_id IN (SELECT visitors.user_id FROM nights AS visitors)
    WINDOW
        recent AS (
            PARTITION BY presence.user_id
            ORDER BY presence.day
            RANGE BETWEEN INTERVAL 29 DAYS PRECEDING AND CURRENT ROW
        ),
        earlier AS (
            PARTITION BY presence.user_id
            ORDER BY presence.day
            RANGE BETWEEN INTERVAL 180 DAYS PRECEDING AND INTERVAL 30 DAYS PRECEDING
        )
)

SELECT
    user_id,
    day,
    nights,
    coalesce(documents, 0) AS documents,
    coalesce(media_files, 0) AS media_files,
    present * earlier_nights / earlier_present AS usual
FROM days
WHERE
    -- equivalent: what was not done is no row of user_day, so no sum is 0
    coalesce(documents, media_files) > 0
    AND nights >= knob('min_nights', 3)  -- a deadline takes one or two
    AND earlier_present >= knob('min_days', 20)  -- a month of work
    -- Far above own habit: an administrator's calls come every month.
    AND nights >= knob('times_usual', 3) * present * earlier_nights / earlier_present;

-- /// fires: three nights within a month, eight documents each, one of them only a disk
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | view     | 2026-01-05 10:00 |    5 |   60
--   ana     | download | 2026-03-16 22:10 |    8 |    1
--   ana     | copy     | 2026-03-20 22:10 |    3 |    1
-- usb:
--   user_id | action | local_ts         | workdays
--   ana     | write  | 2026-01-19 11:00 |       15
--   ana     | write  | 2026-03-24 23:40 |        1
-- badge:
--   user_id | action | door_id | direction | local_ts         | workdays
--   ana     | entry  | gate    | in        | 2026-01-05 09:00 |   60
--   ana     | exit   | gate    | out       | 2026-01-05 17:00 |   60
--   ana     | entry  | gate    | in        | 2026-03-16 22:00 |    1
--   ana     | entry  | gate    | in        | 2026-03-20 22:00 |    1
--   ana     | entry  | gate    | in        | 2026-03-24 20:00 |    1
-- doors:
--   door_id | kind
--   gate    | entrance
-- expect:
--   user_id | day        | nights | documents | media_files | usual
--   ana     | 2026-03-24 |      3 |         0 |           1 |     0
-- ///

-- /// fires: an inner door after home, where somebody held the entrance; past midnight
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ana     | view     | 2026-01-05 10:00 |    5 |   60
--   ana     | download | 2026-03-17 00:30 |    8 |    4
--   ana     | download | 2026-01-21 00:30 |    8 |    1
-- badge:
--   user_id | action | door_id | direction | local_ts         | workdays
--   ana     | entry  | gate    | in        | 2026-01-05 09:00 |   60
--   ana     | exit   | gate    | out       | 2026-01-05 17:00 |   60
--   ana     | entry  | room    | in        | 2026-01-20 23:50 |    1
--   ana     | entry  | room    | in        | 2026-03-16 23:50 |    4
-- doors:
--   door_id | kind
--   gate    | entrance
--   room    | room
-- expect:
--   user_id | day        | nights
--   ana     | 2026-03-18 |      3
--   ana     | 2026-03-19 |      4
-- ///

-- /// silent: on call: comes in at night, looks at logs, and takes two along
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   bo      | view     | 2026-01-05 10:00 |    5 |   60
--   bo      | view     | 2026-03-16 22:10 |   10 |    4
--   bo      | download | 2026-03-16 22:15 |    2 |    4
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   bo      | entry  | gate    | 2026-03-16 22:00 |    4
-- doors:
--   door_id | kind
--   gate    | entrance
-- ///

-- /// silent: an administrator whose calls come every month
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   cy      | view     | 2026-01-05 10:00 |    5 |   60
--   cy      | download | 2026-01-14 22:10 |    8 |    3
--   cy      | download | 2026-02-11 22:10 |    8 |    3
--   cy      | download | 2026-03-18 22:10 |    8 |    3
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   cy      | entry  | gate    | 2026-01-14 22:00 |    3
--   cy      | entry  | gate    | 2026-02-11 22:00 |    3
--   cy      | entry  | gate    | 2026-03-18 22:00 |    3
-- doors:
--   door_id | kind
--   gate    | entrance
-- ///

-- /// silent: two evenings before a deadline, and long ones without an entry
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   di      | view     | 2026-01-05 10:00 |    5 |   60
--   di      | download | 2026-03-16 21:00 |    8 |    5
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   di      | entry  | gate    | 2026-01-05 09:00 |   60
--   di      | entry  | gate    | 2026-03-16 20:30 |    2
--   di      | entry  | room    | 2026-03-18 20:30 |    3
-- doors:
--   door_id | kind
--   gate    | entrance
--   room    | room
-- ///

-- /// silent: a night shift that the register knows
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   ed      | view     | 2026-01-05 10:00 |    5 |   40
--   ed      | download | 2026-03-02 23:00 |   20 |   20
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   ed      | entry  | gate    | 2026-03-02 22:05 |   20
-- doors:
--   door_id | kind
--   gate    | entrance
-- shifts:
--   user_id | weekday | start | end   | valid_from | valid_to
--   ed      | mon     | 22:00 | 06:00 | 2026-03-01 |
--   ed      | tue     | 22:00 | 06:00 | 2026-03-01 |
--   ed      | wed     | 22:00 | 06:00 | 2026-03-01 |
--   ed      | thu     | 22:00 | 06:00 | 2026-03-01 |
--   ed      | fri     | 22:00 | 06:00 | 2026-03-01 |
-- ///

-- /// silent: a newcomer's late evenings
-- access:
--   user_id | action   | local_ts         | rows | workdays
--   fe      | view     | 2026-02-16 10:00 |    5 |   25
--   fe      | download | 2026-03-16 21:00 |    8 |    5
-- badge:
--   user_id | action | door_id | local_ts         | workdays
--   fe      | entry  | gate    | 2026-03-16 20:30 |    5
-- doors:
--   door_id | kind
--   gate    | entrance
-- ///
