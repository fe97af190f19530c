-- /// detector
-- title = "An administrator takes whole backups, disk images, mailboxes or databases"
-- level = "high"
-- status = "stable"
-- tags = [
--   "attack.collection", "attack.t1005", "attack.t1114", "attack.credential-access",
--   "attack.t1003.003",
-- ]
-- lookback = "0d"
-- says = """\
-- {user_id}, an administrator, took {stores} whole stores (backups, disks of virtual \
-- machines, mailboxes, databases); most in 90 days {usual_max}"""
-- description = """
-- Whoever runs the machines need not open a single document: a backup that is restored
-- elsewhere, the disk of a virtual machine, an exported mailbox or a copied database
-- holds all of them, and no log of a share names one. Of people who have rights of an
-- administrator each such act counts, unless they did about as many before. No log
-- tells of tickets: what was ordered is an exception, which names its own.
-- """
-- falsepositives = [
--   "a restore or a migration by order that no exception names",
--   "the first weeks of a new task",
-- ]
-- blindspots = [
--   "stores that go by other endings, and commands of which no log tells",
--   "a store that is looked at or mounted where it lies, by an everyday account",
--   "somebody whose daily work it is, and who takes one more",
--   "administrators whom neither people.csv nor accounts.csv calls privileged",
--   "people in their first week",
-- ]
-- triage = """
-- Is there a ticket for that store, and is it older than the act? Where did the copy
-- go, and who has it now? Look for writes to media and uploads of that person in the
-- days after. Ask nobody of the same team before the copy is found.
-- """
-- ///

WITH admins AS (
    SELECT user_id
    FROM people
    WHERE privileged
    UNION
    SELECT user_id
    FROM accounts
    WHERE kind = 'privileged'
)

SELECT
    user_day.user_id,
    user_day.day,
    user_day.x::INT AS stores,
    user_day.usual,
    user_day.usual_max::INT AS usual_max,
    user_day.surprise
FROM user_day
SEMI JOIN admins
    ON user_day.user_id = admins.user_id
WHERE
    user_day.feature = 'bulk_paths'
    -- One more than usual is the same task.
    AND user_day.x >= knob('times_most', 1.5) * user_day.usual_max
    AND user_day.n_days >= knob('min_days', 5);  -- before that nobody knows the tasks

-- /// fires: a disk of a virtual machine, copied on a Saturday, and a dump on Monday
-- access:
--   user_id | account | action       | local_ts         | workdays | resource | process
--   ana     | ana     | view         | 2026-01-05 10:00 | 20       |          |
--   ana     | adm-ana | copy         | 2026-02-07 22:00 |          | /a.vmdk  |
--   ana     | ana     | admin_change | 2026-02-09 14:00 |          |          | pg_dump
-- accounts:
--   account | user_id | kind
--   ana     | ana     | person
--   adm-ana | ana     | privileged
-- expect:
--   user_id | day        | stores
--   ana     | 2026-02-07 | 1
--   ana     | 2026-02-09 | 1
-- ///

-- /// fires: three databases on a stick, where it was two at most, in the second week
-- usb:
--   user_id | action | resource | local_ts         | workdays
--   ana     | write  | a.mdf    | 2026-01-05 10:00 | 5
--   ana     | write  | b.mdf    | 2026-01-05 11:00 | 5
--   ana     | write  | a.mdf    | 2026-01-12 10:00 |
--   ana     | write  | b.mdf    | 2026-01-12 11:00 |
--   ana     | write  | c.mdf    | 2026-01-12 12:00 |
-- people:
--   user_id | privileged
--   ana     | true
-- expect:
--   user_id | day        | stores | usual_max
--   ana     | 2026-01-12 | 3      | 2
-- ///

-- /// silent: a restore each day, and three each day with a fourth on a busy one
-- access:
--   user_id | account | action | local_ts         | workdays | resource
--   bo      | adm-bo  | copy   | 2026-01-05 10:00 | 25       | /backup/a.vbk
--   cy      | adm-cy  | copy   | 2026-01-05 10:00 | 25       | /backup/a.vbk
--   cy      | adm-cy  | copy   | 2026-01-05 10:00 | 25       | /backup/b.vbk
--   cy      | adm-cy  | copy   | 2026-01-05 10:00 | 25       | /backup/c.vbk
--   cy      | adm-cy  | copy   | 2026-02-06 11:00 |          | /backup/d.vbk
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
--   adm-cy  | cy      | privileged
-- ///

-- /// silent: a clerk's mailbox, a backup by a service, papers, and a new colleague
-- access:
--   user_id | account | action   | local_ts         | workdays | rows | resource
--   di      | di      | view     | 2026-01-05 10:00 | 20       |      |
--   di      | di      | copy     | 2026-02-02 10:00 |          |      | /mail/di.pst
--   bak     | bak     | copy     | 2026-01-05 10:00 | 20       |      |
--   bak     | bak     | copy     | 2026-02-02 10:00 |          |      | /vm/a.vmdk
--   bo      | adm-bo  | download | 2026-01-05 10:00 | 20       | 4    |
--   bo      | adm-bo  | download | 2026-02-02 10:00 |          | 40   |
--   ed      | adm-ed  | view     | 2026-01-28 10:00 | 3        |      |
--   ed      | adm-ed  | copy     | 2026-02-02 10:00 |          |      | /vm/a.vmdk
-- people:
--   user_id | privileged
--   di      | false
-- accounts:
--   account | user_id | kind
--   di      | di      | person
--   bak     | bak     | service
--   adm-bo  | bo      | privileged
--   adm-ed  | ed      | privileged
-- ///
