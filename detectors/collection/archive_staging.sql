-- /// detector
-- title = "Many documents gathered, then one archive made of them"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1560.001", "attack.t1074"]
-- lookback = "7d"
-- says = """\
-- {user_id} made the archive {archive} within two hours of opening or taking \
-- {documents} documents; surprise of the day {surprise}"""
-- description = """
-- What is to be carried out is packed first: one file is easier to move, and hides
-- its contents and their labels. Packing alone is everyday life; so is a busy day. One
-- after the other, by someone who made no archive in the week before, they are not.
-- """
-- falsepositives = [
--   "a delivery to a customer, the end of a project, a move to another host",
--   "a program's own backup file under the person's name",
-- ]
-- blindspots = [
--   "archives on hosts and sticks whose agent names no files",
--   "archives that bear the ending of something else",
--   "a person who makes one every week, or in the first week",
--   "documents gathered over days (see slow_collection)",
-- ]
-- triage = """
-- Where is the archive now, and was it uploaded, mailed or written to media? Secure it:
-- its contents are the list of what was meant to go. Was there an order?
-- """
-- ///

WITH archives AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        resource
    FROM access
    WHERE
        NOT automated
        AND outcome <> 'failure'
        AND (
            action = 'archive'
            OR (
                action = 'write'
                AND regexp_matches(
                    lower(resource),
                    '\.(zip|7z|rar|tar|tgz|tar\.(gz|bz2|xz|zst)|cab|iso|vhdx?|pst)$'
                )
            )
        )
),

-- The first in a week.
first_archives AS (
    SELECT *
    FROM archives
    WINDOW earlier AS (PARTITION BY user_id ORDER BY ts ASC, event ASC)
    QUALIFY coalesce(epoch(ts) - epoch(lag(ts) OVER earlier), 1e9) > 7 * 86400
),

gathered AS (
    SELECT
        first_archives.event AS made,
        count(DISTINCT coalesce(access.resource_id, access.resource)) AS documents,
        array_agg(access.event ORDER BY access.ts, access.event) AS events
    FROM first_archives
    INNER JOIN access
        ON
            first_archives.user_id = access.user_id
            AND first_archives.ts >= access.ts
            AND first_archives.ts < access.ts + INTERVAL 2 HOURS
    WHERE
        access.action IN ('view', 'download', 'copy')
        AND access.outcome <> 'failure'
        AND NOT access.automated
    GROUP BY first_archives.event
),

odd_days AS (
    SELECT
        user_id,
        day,
        max(surprise) AS surprise
    FROM user_day
    WHERE
        feature IN ('views', 'downloads')
        AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    GROUP BY user_id, day
)

SELECT
    first_archives.user_id,
    first_archives.day,
    gathered.documents,
    odd_days.surprise,
    coalesce(first_archives.resource, 'without a name') AS archive,
    list_append(gathered.events, first_archives.event) AS events
FROM first_archives
INNER JOIN gathered
    ON first_archives.event = gathered.made
INNER JOIN odd_days
    ON
        first_archives.user_id = odd_days.user_id
        AND first_archives.day = odd_days.day
WHERE
    gathered.documents >= knob('min_documents', 30)  -- fewer are a letter's enclosures
    AND odd_days.surprise >= knob('min_surprise', 2);  -- odds below 1 in 100 for them

-- /// fires: forty documents taken, then a zip; not the zip of the next day
-- access:
--   user_id | action   | resource | local_ts         | every | rows | days
--   ana     | view     |          | 2026-01-05 10:00 |   600 |    5 |   20
--   ana     | download |          | 2026-01-25 18:00 |    60 |   40 |    2
--   ana     | write    | /a/x.ZIP | 2026-01-25 18:45 |       |      |    2
-- expect:
--   user_id | day        | documents | archive
--   ana     | 2026-01-25 |        40 | /a/x.ZIP
-- ///

-- /// fires: thirty opened or copied, then the server's own archive, second week
-- access:
--   user_id | action  | resource | local_ts         | every | rows | workdays
--   bo      | view    | /p/0     | 2026-01-05 09:00 |       |      |        5
--   bo      | archive | /p.arc   | 2026-01-05 10:00 |       |      |
--   bo      | view    | /p/1     | 2026-01-12 08:01 |       |      |
--   bo      | view    |          | 2026-01-12 08:02 |    60 |   20 |
--   bo      | copy    |          | 2026-01-12 09:30 |    60 |    9 |
--   bo      | copy    | /p/2     | 2026-01-12 10:01 |       |      |
--   bo      | archive | /p.arc   | 2026-01-12 10:01 |       |      |
--   bo      | view    | /p/3     | 2026-01-12 10:02 |       |      |
-- expect:
--   user_id | day        | documents
--   bo      | 2026-01-12 |        30
-- ///

-- /// silent: a report packed before the work; what is named zip and is none
-- access:
--   user_id | action   | resource | local_ts         | every | rows | days
--   cy      | view     |          | 2026-01-05 10:00 |   600 |    3 |   20
--   cy      | view     |          | 2026-01-25 10:00 |    60 |   20 |
--   cy      | write    | /r.zip   | 2026-01-25 10:30 |       |      |
--   cy      | download |          | 2026-01-25 11:00 |    60 |   60 |
--   di      | view     |          | 2026-01-05 10:00 |   600 |    3 |   20
--   di      | download |          | 2026-01-25 10:00 |    60 |   60 |
--   di      | view     | /r.zip   | 2026-01-25 11:10 |       |      |
--   di      | write    | /zip     | 2026-01-25 11:10 |       |      |
-- ///

-- /// silent: what was refused, prints, an indexer, a backup under a person's name
-- access:
--   user_id | action   | outcome | automated | local_ts         | rows | days
--   ed      | view     |         |           | 2026-01-05 10:00 |    3 |   20
--   ed      | download |         |           | 2026-01-25 10:00 |   29 |
--   ed      | download | failure |           | 2026-01-25 10:10 |   10 |
--   ed      | download |         | true      | 2026-01-25 10:20 |   10 |
--   ed      | print    |         |           | 2026-01-25 10:30 |   60 |
--   ed      | archive  |         |           | 2026-01-25 10:40 |      |
--   fe      | view     |         |           | 2026-01-05 10:00 |    3 |   20
--   fe      | download |         |           | 2026-01-25 11:00 |   60 |
--   fe      | archive  | failure |           | 2026-01-25 11:10 |      |
--   fe      | archive  |         | true      | 2026-01-25 11:10 |      |
-- ///

-- /// silent: a newcomer's first delivery
-- access:
--   user_id | action   | resource | local_ts         | rows | days
--   new     | view     |          | 2026-01-05 10:00 |    3 |    4
--   new     | download |          | 2026-01-09 10:00 |   60 |
--   new     | write    | /d.7z    | 2026-01-09 11:00 |      |
-- ///

-- /// silent: a night clerk who is through forty a night, and packs one on a good one
-- access:
--   user_id | action | resource | local_ts         | rows
--   gi      | view   |          | 2026-02-02 23:00 |   40
--   gi      | view   |          | 2026-02-03 23:00 |   15
--   gi      | view   |          | 2026-02-04 23:00 |   55
--   gi      | view   |          | 2026-02-05 23:00 |   30
--   gi      | view   |          | 2026-02-06 23:00 |   60
--   gi      | view   |          | 2026-02-09 23:00 |   80
--   gi      | write  | /r.zip   | 2026-02-10 00:10 |
--   gi      | print  |          | 2026-02-10 00:20 |   60
-- ///

-- /// silent: forty documents packed a week to the minute after the last packet
-- access:
--   user_id | action   | resource | local_ts         | rows | days
--   hu      | view     |          | 2026-01-05 10:00 |    3 |   20
--   hu      | write    | /r.zip   | 2026-01-18 11:00 |      |
--   hu      | download |          | 2026-01-25 10:30 |   40 |
--   hu      | write    | /r.zip   | 2026-01-25 11:00 |      |
-- ///
