-- /// detector
-- title = "The same documents downloaded, then written to removable media"
-- level = "high"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "attack.t1039", "itm.if002"]
-- lookback = "7d"
-- says = """\
-- {user_id} wrote {documents} documents to removable media after downloading them; \
-- confidential or classified: {labelled}, outside own hours: {after_hours}; half of \
-- them within {delay_hours} h; devices: {devices}"""
-- description = """
-- Two logs that tell one story: what left the server and what arrived on the disk are
-- the same documents, whatever account was used for which. Labelled documents outside
-- own hours count whatever the habit, because a patient insider trains every norm; at
-- other times, and without labels, it takes a surge.
-- """
-- falsepositives = [
--   "an approved transfer to a partner, prepared at the weekend",
--   "an evening shift that is missing in shifts.csv",
-- ]
-- blindspots = [
--   "documents renamed, packed or changed before they were written, and without ids",
--   "documents that were only viewed, or lay on the host for more than a week",
--   "labels in other words than those listed in the SELECT",
--   "the file server and the agent giving one document two different ids",
-- ]
-- needs = ["access.download", "usb.write"]
-- triage = """
-- Which projects, and were they ever this person's? Is the device registered, and
-- where is it now? Secure the serial, the host's own log and the server's log of the
-- week. Look at the badge reads of the hours between before anybody is asked.
-- """
-- ///

WITH takes AS (
    SELECT
        event,
        user_id,
        ts,
        off_minutes,
        label,
        bytes,
        resource_id,
        coalesce(resource_id, resource) AS doc,
        lower(regexp_extract(replace(resource, '\', '/'), '[^/]+$')) AS file_name
    FROM access
    WHERE
        action IN ('download', 'copy')
        AND outcome <> 'failure'
        AND NOT automated
),

writes AS (
    SELECT
        event,
        user_id,
        day,
        ts,
        off_minutes,
        label,
        bytes,
        resource_id,
        device_id,
        lower(regexp_extract(replace(resource, '\', '/'), '[^/]+$')) AS file_name
    FROM usb
    WHERE
        action = 'write'
        AND outcome <> 'failure'
        AND device_class IN ('mass_storage', 'mtp', 'card_reader')
        AND NOT contains(coalesce(resource, ''), '~$')
        AND NOT contains(coalesce(resource, ''), '$RECYCLE.BIN')
),

written_names AS (
    SELECT
        file_name,
        day
    FROM writes
    GROUP BY file_name, day
),

-- A name that many documents bear, such as report.docx, proves nothing by itself.
namesakes AS (
    SELECT
        written_names.file_name,
        written_names.day,
        count(DISTINCT coalesce(access.resource_id, access.resource)) AS bearers
    FROM written_names
    INNER JOIN access
        ON
            written_names.file_name
            = lower(regexp_extract(replace(access.resource, '\', '/'), '[^/]+$'))
            AND access.day BETWEEN written_names.day - 7 AND written_names.day
    GROUP BY written_names.file_name, written_names.day
),

-- What a download answers to: its id, and its name with its size and without.
offered AS (
    SELECT
        user_id,
        ts,
        'id' AS kind,
        resource_id AS known_as,
        'any' AS size,
        min(event) AS taken_by
    FROM takes
    -- equivalent: no write without an id is wanted by its id
    WHERE resource_id IS NOT NULL
    GROUP BY user_id, ts, resource_id
    UNION ALL BY NAME
    SELECT
        takes.user_id,
        takes.ts,
        kinds.kind,
        takes.file_name AS known_as,
        sizes.size,
        min(takes.event) AS taken_by
    FROM takes
    CROSS JOIN (VALUES ('to one with an id'), ('to one without')) AS kinds (kind)
    CROSS JOIN
        unnest([coalesce(takes.bytes::VARCHAR, 'unknown'), 'any']) AS sizes (size)
    WHERE
        -- Two ids that differ are two documents, whatever they are called.
        (takes.resource_id IS NULL OR kinds.kind = 'to one without')
    GROUP BY
        takes.user_id,
        takes.ts,
        kinds.kind,
        takes.file_name,
        sizes.size
),

wanted AS (
    SELECT
        event,
        user_id,
        ts,
        'id' AS kind,
        resource_id AS known_as,
        'any' AS size
    FROM writes
    -- equivalent: nothing without an id is offered by its id
    WHERE resource_id IS NOT NULL
    UNION ALL BY NAME
    SELECT
        writes.event,
        writes.user_id,
        writes.ts,
        if(writes.resource_id IS NULL, 'to one without', 'to one with an id') AS kind,
        writes.file_name AS known_as,
        sizes.size
    FROM writes
    INNER JOIN namesakes
        ON
            writes.file_name = namesakes.file_name
            AND writes.day = namesakes.day
    CROSS JOIN
        unnest(
            if(writes.bytes IS NULL, ['any'], [writes.bytes::VARCHAR, 'unknown'])
        ) AS sizes (size)
    WHERE
        sizes.size NOT IN ('any', 'unknown')
        -- One document and its copies in two other folders.
        OR namesakes.bearers <= knob('max_namesakes', 3)
),

-- Never all pairs: a thousand files of one name, copied twice, would be a million.
in_turn AS (
    SELECT
        user_id,
        kind,
        known_as,
        size,
        ts,
        taken_by
    FROM offered
    UNION ALL BY NAME
    SELECT
        user_id,
        kind,
        known_as,
        size,
        -- Straight from the share to the disk, by two clocks.
        ts + INTERVAL 1 MINUTE * knob('skew_minutes', 5) AS ts,
        event
    FROM wanted
),

pairs AS (
    SELECT
        event,
        last_value(taken_by IGNORE NULLS) OVER before AS taken_by
    FROM in_turn
    WINDOW
        before AS (
            PARTITION BY user_id, kind, known_as, size
            ORDER BY ts ASC, event ASC NULLS FIRST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    -- equivalent: no write is called NULL; it only need not be looked for
    QUALIFY event IS NOT NULL
),

-- Each write with the last download before it.
carried AS (
    SELECT
        writes.event,
        writes.user_id,
        writes.day,
        writes.device_id,
        takes.event AS taken_by,
        takes.doc,
        lower(coalesce(takes.label, writes.label)) IN (
            'confidential',
            'strictly confidential',
            'restricted',
            'classified',
            'secret',
            'top secret'
        ) AS labelled,
        greatest(takes.off_minutes, writes.off_minutes)
        -- Half of any office leaves a little late: a night is further off.
        > knob('min_off_minutes', 60) AS after_hours,
        greatest(0, date_diff('minute', takes.ts, writes.ts)) / 60 AS delay_hours
    FROM pairs
    INNER JOIN writes
        ON pairs.event = writes.event
    INNER JOIN takes
        ON pairs.taken_by = takes.event
    WHERE takes.ts >= writes.ts - INTERVAL 7 DAYS
    QUALIFY row_number() OVER (
        PARTITION BY writes.event
        ORDER BY takes.ts DESC, takes.event ASC
    ) = 1
),

by_day AS (
    SELECT
        user_id,
        day,
        count(DISTINCT doc) AS documents,
        count(DISTINCT doc) FILTER (WHERE labelled) AS labelled,
        count(DISTINCT doc) FILTER (WHERE after_hours) AS after_hours,
        count(DISTINCT doc) FILTER (WHERE labelled AND after_hours) AS late,
        median(delay_hours) AS delay_hours,
        array_agg(DISTINCT device_id ORDER BY device_id) AS devices,
        list_concat(
            array_agg(DISTINCT event ORDER BY event),
            array_agg(DISTINCT taken_by ORDER BY taken_by)
        ) AS events
    FROM carried
    GROUP BY user_id, day
),

norms AS (
    SELECT
        user_id,
        day,
        max(n_days) AS n_days,
        max(surprise) AS surprise
    FROM user_day
    WHERE feature IN ('media_writes', 'off_hours_media_writes')
    GROUP BY user_id, day
)

SELECT
    by_day.user_id,
    by_day.day,
    by_day.documents,
    by_day.labelled,
    by_day.after_hours,
    by_day.delay_hours,
    by_day.devices,
    by_day.events,
    norms.surprise
FROM by_day
LEFT JOIN norms
    ON by_day.user_id = norms.user_id AND by_day.day = norms.day
WHERE
    by_day.documents >= knob('min_documents', 3)  -- one or two coincide
    AND (
        -- No habit excuses it; one may be the paper for tomorrow's meeting.
        by_day.late >= knob('min_labelled_late', 2)
        OR (
            norms.surprise >= knob('min_surprise', 2)  -- odds below 1 in 100 for them
            AND norms.n_days >= knob('min_days', 5)  -- before that nobody knows
            AND (
                by_day.labelled >= knob('min_labelled', 5)  -- a folder, not a paper
                OR by_day.documents >= knob('min_surge', 30)  -- a fair takes ten slides
            )
        )
    );

-- /// fires: eight confidential documents a night, where such nights are the habit
-- badge:
--   user_id | action | local_ts         | workdays
--   ana     | entry  | 2026-01-05 08:10 |   50
-- access:
--   user_id | action   | resource    | label        | local_ts         | rows | days
--   ana     | download |             | Confidential | 2026-03-10 22:10 |    8 |    3
--   bo      | view     | /a/doc-0001 |              | 2026-02-02 11:00 |
--   bo      | view     | /b/doc-0001 |              | 2026-02-02 11:00 |
--   bo      | view     | /c/doc-0001 |              | 2026-02-02 11:00 |
-- usb:
--   user_id | action | device_id | local_ts         | rows | days
--   ana     | write  | WD-1      | 2026-01-12 22:40 |    8 |   60
-- expect:
--   user_id | day        | documents | labelled | after_hours | delay_hours | devices
--   ana     | 2026-03-10 |         8 |        8 |           8 |         0.5 | WD-1
--   ana     | 2026-03-11 |         8 |        8 |           8 |         0.5 | WD-1
--   ana     | 2026-03-12 |         8 |        8 |           8 |         0.5 | WD-1
-- ///

-- /// fires: documents with ids, at night by the other account, written at noon
-- badge:
--   user_id | action | local_ts         | workdays
--   wei     | entry  | 2026-01-05 08:10 |   30
-- access:
--   account | action   | resource_id | resource   | label  | local_ts
--   adm-wei | copy     | D1          | /p/a/1.pdf | secret | 2026-02-10 23:00
--   adm-wei | download | D2          | /p/a/2.pdf | secret | 2026-02-10 23:05
--   adm-wei | download | D3          | /p/a/3.pdf |        | 2026-02-10 23:10
--   adm-wei | download |             | /p/a/4.pdf |        | 2026-02-10 23:15
--   adm-wei | download | D5          | /p/a/5.pdf |        | 2026-02-10 23:20
--   adm-wei | download | D6          | /p/a/6.pdf |        | 2026-02-04 12:25
--   adm-wei | download |             | /q/1.pdf   |        | 2026-02-10 22:50
-- usb:
--   user_id | action | resource_id | resource | local_ts
--   wei     | write  | D1          | E:\1.pdf | 2026-02-11 12:00
--   wei     | write  | D2          | E:\2.pdf | 2026-02-11 12:05
--   wei     | write  | D3          | E:\x.pdf | 2026-02-11 12:10
--   wei     | write  | D4          | E:\4.pdf | 2026-02-11 12:15
--   wei     | write  |             | E:\5.pdf | 2026-02-11 12:20
--   wei     | write  | D6          | E:\y.pdf | 2026-02-11 12:25
-- accounts:
--   account | user_id | kind
--   adm-wei | wei     | privileged
-- expect:
--   user_id | day        | documents | labelled | delay_hours
--   wei     | 2026-02-11 |         6 |        2 |          13
-- ///

-- /// fires: sixty documents without a label in office hours, by someone who never did
-- badge:
--   user_id | action | local_ts         | workdays
--   ana     | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-02-10 14:00 |   60
-- usb:
--   user_id | action | local_ts         | rows
--   ana     | write  | 2026-02-10 14:20 |   60
-- expect:
--   user_id | day        | documents | labelled | after_hours
--   ana     | 2026-02-10 |        60 |        0 |           0
-- ///

-- /// fires: a folder of ten secrets at noon, labelled by the agent, by two clocks
-- badge:
--   user_id | action | local_ts         | workdays
--   ana     | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | local_ts         | rows
--   ana     | download | 2026-02-10 12:02 |   10
-- usb:
--   user_id | action | label  | local_ts         | rows
--   ana     | write  | secret | 2026-02-10 12:00 |   10
-- expect:
--   user_id | day        | documents | labelled | after_hours | delay_hours
--   ana     | 2026-02-10 |        10 |       10 |           0 |           0
-- ///

-- /// fires: ordinary names of the very same size, on a Saturday
-- badge:
--   user_id | action | local_ts         | workdays
--   ana     | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | resource         | bytes | label      | local_ts
--   ana     | download | /p/a/REPORT.docx |  1001 | restricted | 2026-02-13 15:00
--   ana     | download | /p/b/report.docx |  1002 | restricted | 2026-02-13 15:00
--   ana     | download | /p/c/plan.docx   |  1003 | restricted | 2026-02-13 15:00
--   bo      | view     | /p/d/report.docx |  1004 |            | 2026-02-12 11:00
--   bo      | view     | /p/e/report.docx |  1005 |            | 2026-02-12 11:00
-- usb:
--   user_id | action | resource         | bytes | local_ts
--   ana     | write  | E:\a\report.docx |  1001 | 2026-02-14 11:10
--   ana     | write  | E:\b\report.docx |  1002 | 2026-02-14 11:10
--   ana     | write  | E:\c\plan.docx   |  1003 | 2026-02-14 11:10
-- expect:
--   user_id | day        | documents | labelled
--   ana     | 2026-02-14 |         3 |        3
-- ///

-- /// silent: ten slides on a stick for a fair, and two confidential ones among them
-- badge:
--   user_id | action | local_ts         | workdays
--   bo      | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | label        | local_ts         | rows
--   bo      | download |              | 2026-02-10 15:00 |    8
--   bo      | download | confidential | 2026-02-10 15:01 |    2
-- usb:
--   user_id | action | local_ts         | rows
--   bo      | write  | 2026-02-10 15:20 |   10
-- ///

-- /// silent: a laboratory that hands out its confidential results on disk on Fridays
-- badge:
--   user_id | action | local_ts         | workdays
--   cy      | entry  | 2026-01-05 08:10 |   40
-- access:
--   user_id | action   | label        | local_ts         | rows | days
--   cy      | download | confidential | 2026-01-05 16:00 |   45 |   60
--   cy      | print    |              | 2026-02-20 11:00 |   60 |
-- usb:
--   user_id | action | local_ts         | rows
--   cy      | write  | 2026-01-09 16:30 |   40
--   cy      | write  | 2026-01-16 16:30 |   35
--   cy      | write  | 2026-01-23 16:30 |   42
--   cy      | write  | 2026-01-30 16:30 |   38
--   cy      | write  | 2026-02-06 16:30 |   40
--   cy      | write  | 2026-02-13 16:30 |   36
--   cy      | write  | 2026-02-20 16:30 |   41
-- ///

-- /// silent: an evening shift that the register knows
-- access:
--   user_id | action   | label        | local_ts         | rows | workdays
--   di      | download | confidential | 2026-01-05 21:00 |   10 |   30
-- usb:
--   user_id | action | local_ts         | rows | workdays
--   di      | write  | 2026-01-05 21:30 |   10 |   30
-- shifts:
--   user_id | weekday | start | end
--   di      | mon     | 14:00 | 23:00
--   di      | tue     | 14:00 | 23:00
--   di      | wed     | 14:00 | 23:00
--   di      | thu     | 14:00 | 23:00
--   di      | fri     | 14:00 | 23:00
-- ///

-- /// silent: three confidential papers in the hour after office hours
-- badge:
--   user_id | action | local_ts         | workdays
--   ed      | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | label        | local_ts         | rows
--   ed      | download | confidential | 2026-02-10 18:50 |    3
-- usb:
--   user_id | action | local_ts         | rows
--   ed      | write  | 2026-02-10 19:00 |    3
-- ///

-- /// silent: two confidential papers in the evening, and one of ten
-- badge:
--   user_id | action | local_ts         | workdays
--   fe      | entry  | 2026-01-05 08:10 |   30
--   gi      | entry  | 2026-01-05 08:10 |   30
-- access:
--   user_id | action   | label        | local_ts         | rows
--   fe      | download | confidential | 2026-02-10 20:20 |    2
--   gi      | download | confidential | 2026-02-11 20:20 |    1
--   gi      | download |              | 2026-02-11 20:21 |    9
-- usb:
--   user_id | action | local_ts         | rows
--   fe      | write  | 2026-02-10 20:30 |    2
--   gi      | write  | 2026-02-11 20:30 |   10
-- ///

-- /// silent: own documents backed up on a disk, and fetched from the server later
-- badge:
--   user_id | action | local_ts         | workdays
--   jo      | entry  | 2026-01-05 08:10 |   30
-- usb:
--   user_id | action | local_ts         | rows
--   jo      | write  | 2026-02-10 20:00 |   10
-- access:
--   user_id | action   | label  | local_ts         | rows
--   jo      | download | secret | 2026-02-10 20:30 |   10
-- ///

-- /// silent: a newcomer who takes the handbooks along on the third day
-- badge:
--   user_id | action | local_ts         | workdays
--   no      | entry  | 2026-03-02 08:10 |    4
-- access:
--   user_id | action   | local_ts         | rows
--   no      | download | 2026-03-04 15:00 |   60
-- usb:
--   user_id | action | local_ts         | rows
--   no      | write  | 2026-03-04 15:20 |   60
-- ///

-- /// silent: two papers, and names that others bear, of another size, with another id
-- access:
--   user_id | action   | resource         | resource_id | bytes | local_ts
--   hu      | download | /p/one.pdf       |             |       | 2026-02-10 20:00
--   hu      | download | /p/two.pdf       |             |       | 2026-02-10 20:00
--   hu      | download | /p/a/report.docx |             |       | 2026-02-10 20:00
--   hu      | download | /p/a/plan.docx   |             |  1000 | 2026-02-10 20:00
--   hu      | download | /p/a/list.xlsx   | D1          |       | 2026-02-10 20:00
--   bo      | view     | /p/b/report.docx |             |       | 2026-02-03 11:00
--   bo      | view     | /p/c/report.docx |             |       | 2026-02-09 11:00
--   bo      | view     | /p/d/report.docx |             |       | 2026-02-09 11:00
-- usb:
--   user_id | action | resource       | resource_id | bytes | local_ts
--   hu      | write  | E:/one.pdf     |             |       | 2026-02-10 20:30
--   hu      | write  | E:/two.pdf     |             |       | 2026-02-10 20:30
--   hu      | write  | E:/report.docx |             |       | 2026-02-10 20:30
--   hu      | write  | E:/plan.docx   |             |  2000 | 2026-02-10 20:30
--   hu      | write  | E:/list.xlsx   | D2          |       | 2026-02-10 20:30
-- labels:
--   prefix | label
--   /p/    | secret
-- ///

-- /// silent: two papers, and others downloaded long ago, by a colleague, or only read
-- access:
--   user_id | action   | resource | resource_id | local_ts
--   jo      | download | /p/one   |             | 2026-02-17 20:00
--   jo      | download | /p/two   |             | 2026-02-17 20:00
--   jo      | download | /p/three |             | 2026-02-10 20:00
--   ki      | download | /p/four  |             | 2026-02-17 20:00
--   jo      | view     | /p/five  |             | 2026-02-17 20:00
--   ki      | download | /p/six   | D6          | 2026-02-17 20:00
-- usb:
--   user_id | action | resource | resource_id | local_ts
--   jo      | write  | one      |             | 2026-02-17 20:30
--   jo      | write  | two      |             | 2026-02-17 20:30
--   jo      | write  | three    |             | 2026-02-17 20:30
--   jo      | write  | four     |             | 2026-02-17 20:30
--   jo      | write  | five     |             | 2026-02-17 20:30
--   jo      | write  | six      | D6          | 2026-02-17 20:30
-- labels:
--   prefix | label
--   /p/    | secret
-- ///

-- /// silent: two papers, a lock file, the bin, refusals, and what is no disk
-- access:
--   user_id | action   | resource          | outcome | local_ts
--   lo      | download | /p/one            |         | 2026-02-10 20:00
--   lo      | download | /p/two            |         | 2026-02-10 20:00
--   lo      | download | /p/~$two          |         | 2026-02-10 20:00
--   lo      | download | /p/$RECYCLE.BIN/x |         | 2026-02-10 20:00
--   lo      | download | /p/four           | failure | 2026-02-10 20:00
--   lo      | download | /p/five           |         | 2026-02-10 20:00
--   lo      | download | /p/six            |         | 2026-02-10 20:00
-- usb:
--   user_id | action | resource       | outcome | device_class | local_ts
--   lo      | write  | one            |         |              | 2026-02-10 20:30
--   lo      | write  | two            |         |              | 2026-02-10 20:30
--   lo      | write  | ~$two          |         |              | 2026-02-10 20:30
--   lo      | write  | $RECYCLE.BIN/x |         |              | 2026-02-10 20:30
--   lo      | write  | four           |         |              | 2026-02-10 20:30
--   lo      | write  | five           | failure |              | 2026-02-10 20:30
--   lo      | write  | six            |         | other        | 2026-02-10 20:30
--   lo      | read   | six            |         |              | 2026-02-10 20:30
-- labels:
--   prefix | label
--   /p/    | secret
-- ///

-- /// silent: a backup service that copies the share to disks every night
-- access:
--   account | action | label  | local_ts         | rows | days
--   backup  | copy   | secret | 2026-02-09 23:00 |   10 |    5
-- usb:
--   account | action | local_ts         | rows | days
--   backup  | write  | 2026-02-09 23:30 |   10 |    5
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///
