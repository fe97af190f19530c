"""docs/sigma.md lists the mapping as it is, and its example is a rule that finds."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sigma_rules import at, correlation, found, night, rule, written
from small import House
from workspaces import asked

from nightporter.rules.sigma import read_sigma
from nightporter.rules.sigma.mapping import Place, columns_of, places

PAGE = Path(__file__).parent.parent.parent / "docs" / "sigma.md"


def test_the_mapping_is_listed() -> None:
    said = re.search(
        r"<!-- mapping -->\n(.*?)<!-- /mapping -->", PAGE.read_text("utf-8"), re.DOTALL
    )
    assert said and said[1] == mapping()


def mapping() -> str:
    """Return the mapping as the page shows it."""
    head = "| logsource | table | rows | fields |\n| --- | --- | --- | --- |\n"
    return head + "".join(_row(place) for place in places())


def _row(place: Place) -> str:
    own = columns_of(place.table)
    known: dict[str, list[str]] = {}
    for name, field in place.fields.items():
        if name not in own:
            known.setdefault(field.sql, []).append(f"`{name}`")
    fields = "; ".join(f"{', '.join(names)}: `{sql}`" for sql, names in known.items())
    cells = (str(place), place.table,
             f"`{place.where}`", fields)  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def test_the_example_finds_whom_it_is_about(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert example
    drive = {"action": "write", "host": "pc", "device_class": "mass_storage", "device_id": "d"}
    in_time = at(60, resource=r"E:\plan.doc", **drive)
    backup = at(61, resource=r"e:\BACKUP\plan.doc", **drive)
    too_late = at(61, resource=r"E:\plan.doc", **drive)
    came = {"ts": at(0)["ts"], "badge_id": "c1", "door_id": "gate", "action": "entry"}
    detector = read_sigma(written(tmp_path, example[1]))
    register = {
        "accounts": [{"account": "ana", "user_id": "p1"}],
        "badges": [{"badge_id": "c1", "user_id": "p1"}],
    }
    con = night({"badge": [came], "usb": [backup, too_late]}, **register)
    assert found(con, detector) == set()
    earlier = {**came, "ts": came["ts"] - timedelta(hours=3)}
    con = night({"badge": [earlier, came], "usb": [backup, in_time]}, **register)
    assert found(con, detector) == {1}


def test_a_night_finds_by_a_rule_and_shows_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, monkeypatch)
    looks = rule({"action": "view"}, {"category": "file_access"})
    often = {"type": "event_count", "timespan": "10m", "condition": {"gte": 2}}
    written(tmp_path / "own", *correlation(looks, **often))
    house.files("log", "2026-03-03 04:55 ana view", "2026-03-03 05:05 ana view",
                "2026-03-03 09:00 bo view", "2026-03-03 09:11 bo view")  # fmt: skip
    house.night("2026-03-04")
    sql = "FROM findings WHERE detector = 'tested'"
    assert asked(tmp_path, f"SELECT user_id, day::VARCHAR, sentence {sql}") == [
        ("ana", "2026-03-03", "ana: A test, 2 events, 2 within 10m")
    ]
    rows = asked(tmp_path, "SELECT line FROM evidence WHERE detector = 'tested'")
    assert sorted(rows) == [(2,), (3,)]
