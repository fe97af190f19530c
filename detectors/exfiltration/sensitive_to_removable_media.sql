-- /// detector
-- title = "Confidential or classified documents to removable media, against own habit"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.exfiltration", "attack.t1052.001", "itm.if002", "itm.me005"]
-- lookback = "0d"
-- says = """\
-- {user_id} wrote {documents} confidential or classified documents to removable \
-- media; usual {usual}, most in 90 days {usual_max}"""
-- description = """
-- Of labelled documents a handful is what a thousand others are. So the number may be
-- small, and the yardstick is what this person and the peers write of labelled ones,
-- not of all: a stick in daily use for slides says nothing of secrets.
-- """
-- falsepositives = [
--   "an order to hand papers to an auditor, a court, a partner",
--   "a folder that was labelled as a whole last week",
-- ]
-- blindspots = [
--   "documents to which neither the agent nor labels.csv, by path, gives a label",
--   "labels in other words than those of labelled_media_writes",
--   "packed or encrypted before they were written",
--   "one or two more than ever, and people in their first week",
-- ]
-- needs = ["usb.write", "usb.label"]
-- triage = """
-- Which project, and is it this person's? Who gave the order, which device, is it
-- encrypted, where is it now? Secure its serial and the host's log before asking.
-- """
-- ///

SELECT
    user_id,
    day,
    x::INT AS documents,
    usual,
    usual_max::INT AS usual_max,
    surprise
FROM user_day
WHERE
    feature = 'labelled_media_writes'
    AND x >= usual_max + knob('min_more', 3)  -- one or two are tomorrow's meeting
    AND x >= knob('times_most', 1.5) * usual_max  -- a habit grows a little
    AND n_days >= knob('min_days', 5)  -- before that nobody knows what is usual
    AND surprise >= knob('min_surprise', 2.5);  -- odds below 1 in 300 for them

-- /// fires: four secrets onto the stick that carries six ordinary files every day
-- usb:
--   user_id | action | label  | local_ts         | rows | days
--   ana     | write  |        | 2026-01-05 10:00 |    6 |   60
--   ana     | write  | secret | 2026-03-04 11:00 |    4 |
-- expect:
--   user_id | day        | documents
--   ana     | 2026-03-04 |         4
-- ///

-- /// fires: three papers of a confidential folder, in the second week
-- access:
--   user_id | action | local_ts         | rows | days
--   ana     | view   | 2026-01-05 10:00 |    5 |    5
-- usb:
--   user_id | action | resource | local_ts
--   ana     | write  | /board/1 | 2026-01-12 11:00
--   ana     | write  | /board/2 | 2026-01-12 11:00
--   ana     | write  | /board/3 | 2026-01-12 11:00
-- labels:
--   prefix  | label
--   /board/ | confidential
-- expect:
--   user_id | day        | documents
--   ana     | 2026-01-12 |         3
-- ///

-- /// fires: a first hand-over of 20 papers, one twice as large, none a little larger
-- access:
--   user_id | action | local_ts         | rows | workdays
--   cy      | view   | 2026-01-05 10:00 |    5 |       70
-- usb:
--   user_id | action | label      | local_ts         | rows
--   cy      | write  | restricted | 2026-01-30 11:00 |   20
--   cy      | write  | restricted | 2026-02-27 11:00 |   25
--   cy      | write  | restricted | 2026-03-31 11:00 |   45
-- expect:
--   user_id | day        | documents
--   cy      | 2026-01-30 |        20
--   cy      | 2026-03-31 |        45
-- ///

-- /// silent: four papers where two were the most, internal ones, refused, a lock file
-- access:
--   user_id | action | label  | local_ts         | rows | days
--   bo      | view   | secret | 2026-01-05 10:00 |   50 |   30
-- usb:
--   user_id | action | label    | outcome | resource | local_ts         | rows
--   bo      | write  | secret   |         |          | 2026-01-13 11:00 |    2
--   bo      | write  | secret   |         |          | 2026-02-03 11:00 |    4
--   bo      | write  | internal |         |          | 2026-02-03 11:00 |   20
--   bo      | write  | secret   | failure |          | 2026-02-03 11:00 |   20
--   bo      | write  | secret   |         | ~$a.docx | 2026-02-03 11:00 |
--   bo      | read   | secret   |         |          | 2026-02-03 11:00 |   20
-- ///

-- /// silent: a courier whose every night shift writes as many, on a good night
-- usb:
--   user_id | action | label  | local_ts         | rows
--   di      | write  | secret | 2026-01-05 23:00 |    4
--   di      | write  | secret | 2026-01-06 23:00 |    9
--   di      | write  | secret | 2026-01-07 23:00 |    2
--   di      | write  | secret | 2026-01-08 23:00 |    8
--   di      | write  | secret | 2026-01-09 23:00 |    3
--   di      | write  | secret | 2026-01-12 23:00 |    7
--   di      | write  | secret | 2026-01-13 23:00 |   14
-- ///

-- /// silent: a newcomer's first days, and a service that backs up secrets
-- access:
--   user_id | action | local_ts         | rows | days
--   no      | view   | 2026-03-02 10:00 |    5 |    3
-- usb:
--   user_id | account | action | label  | local_ts         | rows
--   no      | no      | write  | secret | 2026-03-05 11:00 |   10
--           | backup  | write  | secret | 2026-03-05 11:00 |   50
-- accounts:
--   account | user_id    | kind
--   backup  | svc-backup | service
-- ///
