"""A night says which days it opened again and why; a backfill says what it scanned."""

from datetime import date
from pathlib import Path

import orjson
import pytest
from small import House

from nightporter.cli.app import main
from nightporter.window import Window

MARCH = Window(date(2026, 3, 2), date(2026, 3, 7))
NIGHT = ("nightly", "--as-of", "2026-03-08T06:00Z")


def typed(house: House, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--workspace", str(house.root)])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_night_says_what_it_opened_and_a_backfill_drains_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path / "house", monkeypatch)
    house.days(MARCH)
    assert "opened again" not in typed(house, capsys, *NIGHT)[2]
    house.doors("late", "2026-03-03 12:00 ana exit", "2026-03-04 12:00 ana exit")
    house.files("late", "2026-03-03 12:00 ana download")
    _, _, err = typed(house, capsys, *NIGHT)
    line = "opened again from 2026-03-03 to 2026-03-07: late: doors 2 days, 2 events"
    assert line in err
    assert line in (house.root / "state" / "nightly.log").read_text("utf-8")
    house.files("later", "2026-03-02 12:00 ana download", "2026-03-03 12:01 ana download")
    _, _, err = typed(house, capsys, *NIGHT)
    assert "newly stale: 2 days; `nightporter status` says why" in err
    code, out, err = typed(house, capsys, "backfill", "--json")
    assert code == 0 and "scanned again: 2026-03-02 to 2026-03-07" in err
    assert [row["stage"] for row in orjson.loads(out)] == ["odd", "unseen"]
    assert "nothing, for nothing is stale" in typed(house, capsys, "backfill")[2]
    assert "STALE" not in typed(house, capsys, "status")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backfill", "od"), "did you mean odd?"),
        (("backfill",), "no day was scanned yet"),
        (("backfill", "--to", "2026-03-03"), "--to needs --from"),
    ],
    ids=["name", "too early", "window"],
)
def test_a_backfill_that_cannot_be_meant_ends_with_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    code, _, err = typed(House(tmp_path / "house", monkeypatch), capsys, *words)
    assert code == 2
    assert said in err
