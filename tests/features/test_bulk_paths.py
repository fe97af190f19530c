"""What holds whole stores: files by what they are called, acts by their own words."""

import polars as pl
from stored import night, settings, spanned, stored

from nightporter import features

COPIED = {"action": "copy"}
ACT = {"action": "admin_change"}
HELD = {
    "a disk of a virtual machine": {**COPIED, "resource": "/vm/DC01.VMDK"},
    "a dump, packed": {**COPIED, "resource": "/db/crm.sql.gz"},
    "the directory": {**COPIED, "resource": r"C:\Windows\NTDS\ntds.dit"},
    "a mailbox": {**ACT, "app_action": "New-MailboxExportRequest"},
    "a restore": {**ACT, "app_action": "BackupFile Restored"},
    "a database": {**ACT, "process": r"C:\pg\pg_dump.exe"},
    "adm: a look at a disk": {"action": "view", "resource": "/a.vhdx"},
    "adm: a word that no feed maps": {"action": "other", "process": "wbadmin.exe"},
}
OTHERS = {
    "a paper": {**COPIED, "resource": "/vm/vmdk.docx"},
    "a name that ends alike": {**COPIED, "resource": "/vm/grants.dit"},
    "a disk that was refused": {**COPIED, "resource": "/a.vhdx", "outcome": "failure"},
    "a disk that is kept up": {"action": "write", "resource": "/a.vhdx"},
    "a runbook": {**ACT, "resource": "/it/backup-restore.pdf"},
    "a job of backups": {**ACT, "app_action": "BackupJobChanged"},
    "a look at a disk by no administrator": {"action": "view", "resource": "/a.vhdx"},
    "a word that no feed maps": {"action": "other", "process": "wbadmin.exe"},
}
STICK = {"action": "write", "host": "pc", "device_class": "mass_storage"}
WRITTEN = {
    "a disk on a stick": {**STICK, "resource": r"E:\x\a.qcow2"},
    "a paper on a stick": {**STICK, "resource": r"E:\x\a.docx"},
}


def test_whole_stores_count_and_what_is_called_alike_does_not() -> None:
    at = {"at": "2026-03-03T10:00"}
    rows = {**HELD, **OTHERS}
    events = {
        "access": stored("access", [{**at, "account": who, **row} for who, row in rows.items()]),
        "usb": stored("usb", [{**at, "account": who, **row} for who, row in WRITTEN.items()]),
    }
    people = pl.DataFrame({"user_id": [*rows, *WRITTEN]})
    accounts = people.filter(pl.col("user_id").str.starts_with("adm: ")).select(
        "user_id", account="user_id", kind=pl.lit("privileged")
    )
    con = night(events, {"people": people, "accounts": accounts})
    features.write(con, settings(), spanned(events), frozenset(("user_day",)))
    told = con.sql("SELECT user_id, x FROM user_day WHERE feature = 'bulk_paths'").fetchall()
    assert dict(told) == dict.fromkeys((*HELD, "a disk on a stick"), 1)
