-- /// detector
-- title = "Refused at one share after the other"
-- level = "low"
-- status = "stable"
-- tags = ["attack.discovery", "attack.t1135", "attack.t1083", "itm.pr004"]
-- lookback = "7d"
-- says = """\
-- {user_id} was refused at {distinct_shares} shares within an hour, at none of them \
-- in the week before: {refused_at}"""
-- description = """
-- Who tries doors to see which is open is refused at many. Shares at which the same
-- person was refused this week do not count, so a wrong link in a template or a drive
-- that is mounted each morning is quiet; nor do refusals that come all in one breath,
-- which is a program at logon.
-- """
-- falsepositives = [
--   "a change of role whose rights come a day late",
--   "rights that were set wrongly for a whole department",
-- ]
-- blindspots = [
--   "file servers that do not log refusals, or hide what must not be opened",
--   "one share a day, and many folders of one share",
-- ]
-- triage = """
-- What was opened in between, and what on the days after? Did the person ask for these
-- rights? If a whole team is refused, ask the administrators first.
-- """
-- ///

WITH refused AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        -- As the kind share of `seen` has it: below the server, the drive or the site.
        regexp_extract(
            replace(resource, '\', '/'),
            '^(https?://[^/]+/((sites|teams|personal)/)?|[A-Za-z]:|//[^/]+/)?/*[^/]+'
        ) AS tree
    FROM access
    WHERE
        outcome = 'failure'
        AND resource IS NOT NULL
        AND NOT automated
),

-- The first refusal of each share in a week.
fresh AS (
    SELECT *
    FROM refused
    WINDOW same AS (PARTITION BY user_id, tree ORDER BY ts ASC, event ASC)
    QUALIFY coalesce(epoch(ts) - epoch(lag(ts) OVER same), 1e9) > 7 * 86400
),

hourly AS (
    SELECT
        user_id,
        day,
        ts,
        count(*) OVER within_hour AS distinct_shares,
        list_sort(array_agg(tree) OVER within_hour) AS refused_at,
        list_sort(array_agg(event) OVER within_hour) AS events,
        epoch(ts) - min(epoch(ts)) OVER within_hour AS span
    FROM fresh
    WINDOW within_hour AS (
        PARTITION BY user_id
        ORDER BY ts
        RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW
    )
)

SELECT
    user_id,
    day,
    distinct_shares,
    refused_at,
    events
FROM hourly
WHERE
    distinct_shares >= knob('min_shares', 5)  -- three or four are a search
    AND span >= knob('min_seconds', 30)  -- a program at logon takes a breath
-- Of several such hours the fullest.
QUALIFY
    row_number() OVER (
        PARTITION BY user_id, day
        ORDER BY distinct_shares DESC, ts ASC
    ) = 1;

-- /// fires: six shares in the hour across the stroke of eleven, two files of one
-- access:
--   user_id | action   | resource    | outcome | local_ts
--   ana     | view     | /finance/1  | failure | 2026-01-26 10:30
--   ana     | view     | \law\1      | failure | 2026-01-26 10:31
--   ana     | download | /board/1    | failure | 2026-01-26 10:58
--   ana     | view     | \\*\a\1     | failure | 2026-01-26 11:05
--   ana     | view     | /board/2    | failure | 2026-01-26 11:06
--   ana     | view     | /it/1       | failure | 2026-01-26 11:20
--   ana     | view     | \\*\b\1     | failure | 2026-01-26 11:30
-- expect:
--   user_id | day        | distinct_shares | refused_at
--   ana     | 2026-01-26 |               6 | //*/a, //*/b, /board, /finance, /it, /law
-- ///

-- /// fires: at night, a week after the last time
-- access:
--   user_id | action | resource | outcome | local_ts
--   bo      | view   | /a/1     | failure | 2026-01-19 01:59
--   bo      | view   | /a/1     | failure | 2026-01-26 02:00
--   bo      | view   | /b/1     | failure | 2026-01-26 02:00
--   bo      | view   | /c/1     | failure | 2026-01-26 02:00
--   bo      | view   | /d/1     | failure | 2026-01-26 02:00
--   bo      | view   | /e/1     | failure | 2026-01-26 02:01
-- expect:
--   user_id | day        | distinct_shares
--   bo      | 2026-01-25 |               5
-- ///

-- /// silent: four shares, one that is wrong all week, one later, one that opens
-- access:
--   user_id | action | resource | outcome | local_ts
--   cy      | view   | /a/1     | failure | 2026-01-26 10:00
--   cy      | view   | /b/1     | failure | 2026-01-26 10:10
--   cy      | view   | /c/1     | failure | 2026-01-26 10:20
--   cy      | view   | /d/1     | failure | 2026-01-26 10:30
--   cy      | view   | /e/1     | failure | 2026-01-19 10:40
--   cy      | view   | /e/1     | failure | 2026-01-26 10:40
--   cy      | view   | /f/1     | failure | 2026-01-26 11:01
--   cy      | view   | /g/1     |         | 2026-01-26 10:40
-- ///

-- /// silent: a script at logon, refused logons, an indexer under a person's account
-- access:
--   user_id | action       | resource | outcome | automated | local_ts         | rows
--   di      | view         | /a/1     | failure |           | 2026-01-26 08:00 |
--   di      | view         | /b/1     | failure |           | 2026-01-26 08:00 |
--   di      | view         | /c/1     | failure |           | 2026-01-26 08:00 |
--   di      | view         | /d/1     | failure |           | 2026-01-26 08:00 |
--   di      | view         | /e/1     | failure |           | 2026-01-26 08:00:20 |
--   ed      | view         | /a/1     | failure |           | 2026-01-26 08:00 |
--   ed      | view         | /b/1     | failure |           | 2026-01-26 08:05 |
--   ed      | view         | /c/1     | failure |           | 2026-01-26 08:10 |
--   ed      | view         | /d/1     | failure |           | 2026-01-26 08:15 |
--   ed      | view         | /e/1     | failure | true      | 2026-01-26 08:20 |
--   ed      | logon_failed | null     | failure |           | 2026-01-26 08:25 | 2
-- ///
