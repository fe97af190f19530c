-- /// detector
-- title = "First removable media of a person, or an unknown device at an unusual host"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "attack.t1200", "itm.me005"]
-- lookback = "0d"
-- says = """\
-- {user_id} used {what} for the first time in {n_days} active days; \
-- new devices: {devices}; new hosts: {media_hosts}"""
-- description = """
-- Most people never plug in a drive, and most who do keep theirs and their desk. New is
-- measured against the full history of the logs, not the last two weeks.
-- """
-- falsepositives = ["a stick for a trade fair", "a drive handed out for a project"]
-- blindspots = [
--   "drives without a real serial are known only as removable media",
--   "a person who has always used media, with own devices at the own host",
-- ]
-- triage = """
-- Was the device handed out, and by whom? What was written to it that day and the week
-- after? Ask for the drive itself: its serial is in the finding.
-- """
-- ///

WITH firsts AS (
    SELECT
        user_id,
        day,
        kind,
        value AS thing,
        n_days,
        surprise,
        first_day_anyone = day AS new_to_all
    FROM seen
    WHERE
        kind IN ('media', 'device', 'media_host')
        AND first_day = day
        AND n_days >= knob('min_days', 30)  -- a monthly backup shows up before
),

by_day AS (
    SELECT
        user_id,
        day,
        max(n_days) AS n_days,
        count_if(kind = 'media') AS first_ever,
        count_if(kind = 'device' AND new_to_all) AS unknown_devices,
        array_agg(thing ORDER BY thing) FILTER (WHERE kind = 'device') AS new_devices,
        array_agg(thing ORDER BY thing) FILTER (WHERE kind = 'media_host') AS new_hosts,
        max(surprise) AS surprise
    FROM firsts
    GROUP BY user_id, day
)

SELECT
    user_id,
    day,
    new_devices AS devices,
    new_hosts AS media_hosts,
    n_days,
    surprise,
    CASE
        WHEN first_ever > 0 THEN 'removable media'
        ELSE 'an unknown device at an unusual host'
    END AS what
FROM by_day
WHERE
    first_ever > 0
    -- Own new stick at the own desk, or own old stick elsewhere: everyday life.
    OR (unknown_devices > 0 AND new_hosts IS NOT NULL);

-- /// fires: a first stick after two months of work without any
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |    5 |   60
-- usb:
--   user_id | action  | device_id | local_ts
--   ana     | connect | WD-1      | 2026-03-04 11:00
-- expect:
--   user_id | day        | what            | devices | media_hosts
--   ana     | 2026-03-04 | removable media | WD-1    | pc-ana
-- ///

-- /// fires: a drive without a serial, still the person's first
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |    5 |   60
-- usb:
--   user_id | action | serial_quality | local_ts
--   ana     | write  | generated      | 2026-03-04 11:00
-- expect:
--   user_id | day        | devices | media_hosts
--   ana     | 2026-03-04 | null    | pc-ana
-- ///

-- /// fires: a regular user with a never seen drive at a laboratory host
-- usb:
--   user_id | action  | device_id | host   | local_ts         | days
--   ana     | connect | WD-1      | pc-ana | 2026-01-05 11:00 |   60
--   ana     | connect | WD-2      | lab-7  | 2026-03-10 11:00 |
-- expect:
--   user_id | day        | devices | media_hosts | what
--   ana     | 2026-03-10 | WD-2    | lab-7       | an unknown device at an unusual host
-- ///

-- /// fires: a colleague's nameless drive, on the day of a share that is new, too
-- access:
--   user_id | action | resource | local_ts         | days
--   ana     | view   | /labs/a  | 2026-01-05 10:00 |   60
--   ana     | view   | /rare/a  | 2026-03-04 10:00 |
-- usb:
--   user_id | action | host  | serial_quality | local_ts         | days
--   bo      | write  | pc-bo | generated      | 2026-01-05 11:00 |   60
--   ana     | write  | pc-bo | generated      | 2026-03-04 11:00 |
-- expect:
--   user_id | day        | media_hosts | surprise
--   ana     | 2026-03-04 | pc-bo       | 1.892095
-- ///

-- /// silent: a monthly backup drive
-- access:
--   user_id | action | local_ts         | rows | days
--   bo      | view   | 2026-01-05 10:00 |    5 |  100
-- usb:
--   user_id | action | local_ts         | rows
--   bo      | write  | 2026-01-09 15:00 |    3
--   bo      | write  | 2026-02-09 15:00 |    3
--   bo      | write  | 2026-03-09 15:00 |    3
--   bo      | write  | 2026-04-09 15:00 |    3
-- ///

-- /// silent: a regular user who bought a new stick
-- usb:
--   user_id | action  | device_id | local_ts         | days
--   cy      | connect | WD-1      | 2026-01-05 11:00 |   60
--   cy      | connect | WD-2      | 2026-03-10 11:00 |   20
-- ///

-- /// silent: a regular user with the own stick in a meeting room
-- usb:
--   user_id | action  | host    | local_ts         | days
--   cy      | connect | pc-cy   | 2026-01-05 11:00 |   60
--   cy      | connect | meeting | 2026-03-10 11:00 |
-- ///

-- /// silent: a colleague's well-known stick, tried at the colleague's desk
-- usb:
--   user_id | action  | device_id | host   | local_ts         | days
--   cy      | connect | WD-1      | pc-cy  | 2026-01-05 11:00 |   60
--   di      | connect | WD-2      | pc-di  | 2026-01-05 11:00 |   60
--   cy      | connect | WD-2      | pc-di  | 2026-03-10 11:00 |
-- ///

-- /// silent: a newcomer who gets a stick in the third week
-- access:
--   user_id | action | local_ts         | rows | days
--   ed      | view   | 2026-03-02 10:00 |    5 |   20
-- usb:
--   user_id | action  | local_ts
--   ed      | connect | 2026-03-18 11:00
-- ///
