"""What tests of the simulator share: one more run of it, and the answers."""

from pathlib import Path

import polars as pl
import pytest
from samples import SAMPLE, Row, log_lines, parsed

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
