"""A large file is read from the disk a second time: what has happened to it meanwhile is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightporter import ingest
from nightporter.ingest import ingest_feed
from nightporter.sources.typed import Log
from tests.sources.feeds import HEADER, NOW, lake_of, rows, workspace, write

LINE = b"2024-05-01T10:00:00,b1,gate,entry,in\n"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (Path.unlink, "cannot be read: No such file"),
        (lambda path: path.write_bytes(HEADER + 2 * LINE), "changed while it was read"),
    ],
    ids=["gone", "rewritten"],
)
def test_a_file_that_is_not_there_any_more_is_a_problem_and_stops_no_other(
    harm: Callable[[Path], object], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = workspace(tmp_path)
    write(made.root, "a.csv", HEADER + LINE)
    write(made.root, "b.csv", HEADER + LINE.replace(b"b1", b"b2"))
    monkeypatch.setattr("nightporter.sources.reading._SMALL", 0)
    identify = ingest.identify

    def then_harmed(path: Path) -> tuple[Log, bytes | None]:
        said = identify(path)
        if path.name == "a.csv":
            harm(path)
        return said

    monkeypatch.setattr(ingest, "identify", then_harmed)
    load = ingest_feed(made, made.feed[0], lake_of(made), now=NOW)
    (problem,) = load.problems
    assert says in str(problem) and "a.csv" in str(problem)
    assert rows(made)["badge_id"].to_list() == ["b2"]
