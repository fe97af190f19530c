"""A newly mapped account: what it did becomes the person's, and its own findings are withdrawn."""

from pathlib import Path

from workspaces import asked, june, run

from nightporter import config
from nightporter.backfill import backfill

END = "2026-06-26T08:00"
GHOST = "account:tfalk"
STALE = "SELECT DISTINCT day, reason FROM windows WHERE status = 'stale'"
HIS = """SELECT day FROM access WHERE lower(account) = 'tfalk'
    UNION SELECT day FROM usb WHERE lower(account) = 'tfalk'"""


def test_findings_about_an_unmapped_account_are_withdrawn_and_become_those_of_its_person(
    tmp_path: Path,
) -> None:
    root = june(tmp_path, "2026-06-15")
    registers = [root / "context" / f"{name}.csv" for name in ("accounts", "people")]
    whole = [register.read_text("utf-8") for register in registers]
    for register, text in zip(registers, whole, strict=True):
        kept = [line for line in text.splitlines(True) if not line.startswith("tfalk,")]
        register.write_text("".join(kept))
    run(root, END)
    before = said(root, "open")
    assert {day for day, who, _ in before if who == GHOST}
    for register, text in zip(registers, whole, strict=True):
        register.write_text(text)
    run(root, END)
    again = asked(root, STALE)
    assert again
    assert {reason for _, reason in again} == {"the register changed: accounts tfalk, +1"}
    assert {day for day, _ in again} <= {day for (day,) in asked(root, HIS)}
    left = {row[0] for row in said(root, "open") if GHOST in row}
    assert left and left <= {day for day, _ in again}
    backfill(config.load(root))
    assert not [row for row in said(root, "open") if GHOST in row]
    withdrawn = [row for row in said(root, "withdrawn") if row[1] == GHOST]
    assert {row for row in before if row[1] == GHOST} == set(withdrawn)
    days = {day for day, _, _ in withdrawn}
    persons = {day for day, who, _ in said(root, "open") if who == "tfalk"}
    assert days <= persons
    names = "detector = 'unmapped_identity' AND columns LIKE '%tfalk%'"
    assert asked(root, f"SELECT count(*) FROM findings WHERE status = 'open' AND {names}") == [(0,)]


def said(root: Path, status: str) -> list[tuple]:
    return asked(
        root,
        f"""SELECT DISTINCT day, user_id, detector FROM findings
        WHERE status = '{status}' AND user_id IS NOT NULL ORDER BY ALL""",
    )
