"""What tests of the simulator share: one more run of it, and the answers."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from samples import SAMPLE, Row, context_rows, is_broken, local, log_lines, parsed

from nightporter.simulate import write_sample_logs


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("again")
    write_sample_logs(out)
    return out


@pytest.fixture(scope="session")
def acts() -> dict[tuple[str, str], list[Row]]:
    """Return the raw lines to which truth.csv points, by (campaign, source)."""
    found: dict[tuple[str, str], list[Row]] = {}
    texts: dict[str, list[str]] = {}
    for row in pl.read_csv(SAMPLE / "truth.csv", infer_schema_length=None).to_dicts():
        path = SAMPLE / row["file"]
        lines = texts.setdefault(row["file"], log_lines(path))
        for line in lines[row["line"] - 1 : row["line"] - 1 + row["events"]]:
            told = {"person": row["person"], "day": row["day"], **parsed(path, line)}
            found.setdefault((row["campaign"], row["source"]), []).append(told)
    return found


@pytest.fixture(scope="session")
def truth() -> pl.DataFrame:
    return pl.read_csv(SAMPLE / "truth.csv", try_parse_dates=True, infer_schema_length=None)


@pytest.fixture(scope="session")
def reads() -> dict[str, list[tuple[datetime, str, str]]]:
    """Return where each person's cards were read in the main house: (moment, door, what)."""
    cards = {row["badge_id"]: row["user_id"] for row in context_rows("badges")}
    found: dict[str, list[tuple[datetime, str, str]]] = {}
    for file in sorted((SAMPLE / "logs/badge/hav").iterdir()):
        for line in log_lines(file)[1:]:
            row = parsed(file, line) if line.count(";") == 7 and ";;" not in line[:25] else None
            if row and row["at"][11:13] < "24":
                moment = datetime.fromisoformat(row["at"])
                who = cards.get(row["who"], row["who"])
                found.setdefault(who, []).append((moment, row["door"], row["what"]))
    return {who: sorted(rows) for who, rows in found.items()}


@pytest.fixture(scope="session")
def typed() -> dict[str, list[tuple[datetime, str, str]]]:
    """Return what each account did at which workstation: (local moment, host, what)."""
    found: dict[str, list[tuple[datetime, str, str]]] = {}
    for file in sorted((SAMPLE / "logs/access").iterdir()):
        for line in log_lines(file):
            if not is_broken(line):
                row = parsed(file, line)
                deed = (local(row["at"]), row["host"], row["what"])
                found.setdefault(row["who"], []).append(deed)
    return {who: sorted(rows) for who, rows in found.items()}
