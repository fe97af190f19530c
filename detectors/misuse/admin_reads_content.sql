-- /// detector
-- title = "A privileged account opens labelled documents, far above own habit"
-- level = "medium"
-- status = "stable"
-- tags = ["attack.collection", "attack.t1213", "itm.me024", "itm.pr004"]
-- lookback = "0d"
-- says = """\
-- {user_id} opened {documents} labelled documents with a privileged account; \
-- usual for this person {usual}"""
-- description = """
-- An administrator's rights are there to keep the share running, not to read what lies
-- on it. A document or two is a repair; five that are confidential or higher in a day
-- are reading. Whose task it is does it every week, and is measured by that.
-- """
-- falsepositives = [
--   "a migration or a restore by hand, of which a ticket should speak",
--   "an administrator of a project who works in it with the privileged account",
-- ]
-- blindspots = [
--   "an administrator who reads with the everyday account",
--   "documents without a label, and labels that go by unusual words",
--   "copies of whole volumes, restores and exports of mailboxes",
--   "a privileged account that accounts.csv calls by another kind",
--   "fewer a day, on many days",
-- ]
-- needs = ["accounts.kind"]
-- triage = """
-- Is there a ticket for that folder and that day? Which projects were they, and do they
-- have anything in common with the ticket? Do not ask another administrator: look for
-- writes to media and odd hours of the same person first.
-- """
-- ///

SELECT
    user_id,
    day,
    x::INT AS documents,
    usual,
    surprise
FROM user_day
WHERE
    feature = 'privileged_labelled_documents'
    AND x >= knob('min_documents', 5)  -- fewer is a look at what is broken
    AND x >= knob('times_usual', 3) * usual  -- whose task it is does it always
    AND n_days >= knob('min_days', 5);  -- before that nobody knows whose task it is

-- /// fires: five labelled documents in a day, one of them twice
-- access:
--   user_id | account | action   | local_ts         | days | resource | label
--   ana     | ana     | view     | 2026-01-05 10:00 | 20   |          |
--   ana     | adm-ana | view     | 2026-01-05 11:00 | 20   | /it/conf | internal
--   ana     | adm-ana | view     | 2026-02-02 14:00 |      | /legal/a | Confidential
--   ana     | adm-ana | download | 2026-02-02 14:01 |      | /legal/a | Confidential
--   ana     | adm-ana | download | 2026-02-02 14:01 |      | /legal/b | confidential
--   ana     | adm-ana | copy     | 2026-02-02 14:02 |      | /legal/c | secret
--   ana     | adm-ana | print    | 2026-02-02 14:03 |      | /legal/d | restricted
--   ana     | adm-ana | view     | 2026-02-02 14:04 |      | /legal/e | classified
-- accounts:
--   account | user_id | kind
--   adm-ana | ana     | privileged
-- expect:
--   user_id | day        | documents
--   ana     | 2026-02-02 | 5
-- ///

-- /// fires: three times as many as on each day of the week before
-- access:
--   user_id | account | action | local_ts         | rows | workdays | label
--   ana     | adm-ana | view   | 2026-01-05 10:00 | 6    | 5        | secret
--   ana     | adm-ana | view   | 2026-01-12 10:00 | 30   |          | secret
-- accounts:
--   account | user_id | kind
--   adm-ana | ana     | privileged
-- expect:
--   user_id | day        | documents
--   ana     | 2026-01-12 | 30
-- ///

-- /// silent: the keeper of the registry, who does it all day, every day
-- access:
--   user_id | account | action | local_ts         | rows | workdays | label
--   bo      | adm-bo  | view   | 2026-01-05 10:00 | 8    | 25       | confidential
--   bo      | adm-bo  | view   | 2026-02-09 10:00 | 16   |          | confidential
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
-- ///

-- /// silent: a repair of two, internal papers, and reading with the everyday account
-- access:
--   account | action | local_ts         | rows | days | label        | outcome
--   bo      | view   | 2026-01-05 10:00 | 5    | 25   |              |
--   adm-bo  | view   | 2026-02-02 10:00 | 2    |      | confidential |
--   adm-bo  | view   | 2026-02-02 10:30 | 30   |      | internal     |
--   adm-bo  | write  | 2026-02-02 10:40 | 30   |      | confidential |
--   adm-bo  | view   | 2026-02-02 11:00 | 30   |      | confidential | failure
--   bo      | view   | 2026-02-02 11:00 | 30   |      | confidential |
-- accounts:
--   account | user_id | kind
--   adm-bo  | bo      | privileged
--   bo      | bo      | person
-- ///

-- /// silent: an administrator's first days, and a backup that reads everything
-- access:
--   user_id | account | action | local_ts         | rows | days | label
--   new     | adm-new | view   | 2026-01-05 10:00 | 2    | 3    | internal
--   new     | adm-new | view   | 2026-01-08 10:00 | 9    |      | confidential
--   svc     | backup  | view   | 2026-01-05 02:00 | 1    | 20   | confidential
--   svc     | backup  | view   | 2026-02-02 02:00 | 500  |      | confidential
-- accounts:
--   account | user_id | kind
--   adm-new | new     | privileged
--   backup  | svc     | service
-- ///
