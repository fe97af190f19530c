"""The laws of ingest: conservation, idempotence, overlap, order, and what a person is told."""

import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from deltalake import write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightporter import ingest
from nightporter.config import Settings
from nightporter.errors import ConfigError, LogError
from nightporter.lake import Lake
from nightporter.schema import TABLES
from tests.sources.feeds import (
    ACCESS,
    BADGE,
    HEADER,
    NOW,
    content,
    csv_of,
    event,
    rows,
    take,
    workspace,
    write,
)

quick = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LINES = st.lists(
    st.one_of(
        st.builds(event, st.integers(0, 3), st.sampled_from(["b1", "b2"])),
        st.sampled_from([b"", b"a,b", b"x,b1,d1,entry,in", b'2024-05-01 10:00:00,"b', b"\xff,1"]),
        st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"")),
    ),
    max_size=12,
)
EVENTS = st.lists(st.builds(event, st.integers(0, 90), st.sampled_from(["b1", "b2"])), max_size=9)


def counts_add_up(settings: Settings) -> None:
    for load in rows(settings, "loads").iter_rows(named=True):
        parts = ("accepted", "rejected", "duplicates", "ignored")
        assert load["lines"] == sum(load[part] for part in parts)
        assert load["accepted"] == sum(day["events"] for day in load["days"])
        mine = pl.col("file_id") == load["file_id"]
        assert load["accepted"] == len(rows(settings).filter(mine))
        assert load["rejected"] == len(rows(settings, "rejects").filter(mine))


@quick
@given(LINES)
def test_every_line_is_an_event_a_reject_a_copy_a_blank_or_part_of_a_record(
    lines: list[bytes],
) -> None:
    with TemporaryDirectory() as folder:
        made = workspace(Path(folder))
        write(made.root, "a.csv", csv_of(*lines))
        take(made)
        counts_add_up(made)
        load = rows(made, "loads").row(0, named=True)
        spanned = sum(raw.count(b"\n") for raw in rows(made, "rejects")["raw"])
        physical = load["header_lines"] + load["blank_lines"] + load["lines"] + spanned
        # Only accepted records that span lines are left, and these lines close no quote.
        assert physical == len(lines) + 1


@quick
@given(LINES)
def test_rejects_keep_their_line_as_it_was(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        made = workspace(Path(folder))
        write(made.root, "a.csv", csv_of(*lines))
        take(made)
        physical = csv_of(*lines).split(b"\n")
        for line, raw in rows(made, "rejects").select("line", "raw").rows():
            assert raw == b"\n".join(physical[line - 1 : line + raw.count(b"\n")])


@quick
@given(LINES)
def test_the_same_file_twice_or_renamed_changes_nothing(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        made = workspace(Path(folder))
        path = write(made.root, "a.csv", csv_of(*lines))
        take(made)
        before = [rows(made, table).rows() for table in ("badge", "rejects", "loads")]
        path.rename(path.with_name("renamed.csv"))
        write(made.root, "copy.csv", csv_of(*lines))
        assert take(made).loaded == 0
        assert before == [rows(made, table).rows() for table in ("badge", "rejects", "loads")]


@quick
@given(st.lists(EVENTS, min_size=1, max_size=4), st.booleans())
def test_overlapping_files_give_the_multiset_union(files: list[list[bytes]], apart: bool) -> None:
    with TemporaryDirectory() as folder:
        made = workspace(Path(folder))
        for n, lines in enumerate(files):
            write(made.root, f"{n}.csv", csv_of(*lines))
            if apart:
                take(made)
        take(made)
        union: Counter[bytes] = Counter()
        for lines in files:
            union |= Counter(lines)
        assert sum(union.values()) == len(rows(made))
        found = Counter(rows(made).select("local_ts", "badge_id").rows())
        assert sorted(union.values()) == sorted(found.values())
        counts_add_up(made)


@quick
@given(st.lists(EVENTS, min_size=2, max_size=4), st.randoms())
def test_the_order_of_arrival_does_not_matter(files: list[list[bytes]], random: object) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        order = list(range(len(files)))
        random.shuffle(order)  # type: ignore[attr-defined]
        lakes = []
        for folder, arrival in ((one, range(len(files))), (other, order)):
            made = workspace(Path(folder))
            for n in arrival:
                write(made.root, f"{n}.csv", csv_of(*files[n]))
                take(made)
            lakes.append(content(made))
        assert lakes[0] == lakes[1]


def test_events_that_differ_only_in_an_empty_column_are_two(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(b"2024-05-01 10:00:00,,d1,entry,in"))
    take(made)
    write(tmp_path, "b.csv", csv_of(b"2024-05-01 10:00:00,b1,d1,entry,in"))
    write(tmp_path, "c.csv", csv_of(b"2024-05-01 10:00:00,,d1,entry,in", event(5)))
    load = take(made)
    assert (load.accepted, load.duplicates) == (2, 1)


def test_two_feeds_that_read_the_same_file_both_keep_it(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE + BADGE[BADGE.index("[[feed]]") :].replace("doors", "gates"))
    write(tmp_path, "a.csv", csv_of(event()))
    lake = Lake(str(tmp_path / "lake"))
    for feed in made.feed:
        assert ingest.ingest_feed(made, feed, lake, now=NOW).accepted == 1


@pytest.mark.parametrize("failing", ["rejects", "badge", "loads"])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_crash_around_any_commit_leaves_nothing_to_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, after: bool
) -> None:
    files = {
        "a.csv": csv_of(event(1), event(1), b"x", event(2)),
        "b.csv": csv_of(event(2), event(3), b"y,y", event(3)),
    }
    lakes = []
    for name in ("calm", "crashed"):
        root = tmp_path / name
        made = workspace(root)
        write(root, "0.csv", csv_of(event(3), event(4)))
        take(made)
        for each, data in files.items():
            write(root, each, data)
        if name == "crashed":
            with monkeypatch.context() as patch:
                for how in ("append", "adopt"):
                    patch.setattr(Lake, how, _crashing(getattr(Lake, how), failing, after))
                with pytest.raises(RuntimeError, match="power cut"):
                    take(made)
        write(root, "00-late.csv", csv_of(event(9)))
        take(made)
        counts_add_up(made)
        lakes.append(
            [
                content(made),
                rows(made, "rejects").drop("ingested_at").sort("file_id", "line").rows(),
                rows(made, "loads").drop("ingested_at").sort("file_id").rows(),
            ]
        )
    assert lakes[0] == lakes[1]


def _crashing(append: object, failing: str, after: bool) -> object:
    def crash(lake: Lake, table: str, *rest: object) -> None:
        if table == failing and not after:
            raise RuntimeError("power cut")
        append(lake, table, *rest)  # type: ignore[operator]
        if table == failing:
            raise RuntimeError("power cut")

    return crash


def test_a_large_overlapping_file_is_streamed_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightporter.sources.staging._HELD_BYTES", 2_000)
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(*map(event, range(300)), b"bad"))
    take(made)
    write(tmp_path, "b.csv", csv_of(*map(event, range(200, 700)), b"worse"))
    load = take(made)
    assert (load.accepted, load.duplicates, load.rejected) == (400, 100, 1)
    assert len(rows(made)) == 700
    counts_add_up(made)
    assert list((tmp_path / "cache").iterdir()) == []


def test_only_the_rows_of_touched_days_are_read(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(*(event(60 * day) for day in range(20))))
    take(made)
    for path in (tmp_path / "lake" / "badge").glob("day=*/*.parquet"):
        if "05-03" not in str(path) and "05-09" not in str(path):
            # The footer stays: DuckDB takes the columns from that of any one file.
            path.write_bytes(b"PAR1" + b"\xff" * 40 + path.read_bytes()[44:])
    write(tmp_path, "b.csv", csv_of(event(120), event(121), event(480)))
    assert take(made).duplicates == 2


def test_the_third_equal_record_is_new_where_others_hold_two(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(event(), event()))
    take(made)
    write(tmp_path, "b.csv", csv_of(event(), event(), event(1), event()))
    load = take(made)
    assert (load.accepted, load.duplicates) == (2, 2)
    assert len(rows(made)) == 4


def test_an_empty_file_and_a_mere_header_are_loads_without_lines(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", b"")
    write(tmp_path, "b.csv", HEADER)
    write(tmp_path, "c.csv", HEADER.rstrip(b"\n"))
    assert take(made).loaded == 3
    assert rows(made, "loads")["lines"].to_list() == [0, 0, 0]
    assert take(made).loaded == 0


def test_garbage_gives_rejects_and_one_problem(tmp_path: Path) -> None:
    made = workspace(tmp_path, ACCESS)
    write(tmp_path, "a.bin", bytes(range(256)) * 40)
    load = take(made)
    assert load.lines == load.rejected > 0
    assert isinstance(load.problems[0], LogError)
    assert "nul_byte 40 times" in str(load.problems[0])


def test_a_file_of_the_wrong_shape_does_not_stop_the_others(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", b"when,card,door,event,dir\n")
    write(tmp_path, "b.csv", csv_of(event()))
    write(tmp_path, "c.csv", b"\xff\xfet\0i\0")
    load = take(made)
    assert (load.loaded, load.accepted) == (1, 1)
    wrong, unreadable = load.problems
    assert isinstance(wrong, ConfigError)
    assert (wrong.line, wrong.text) == (13, 'ts = "time"')
    assert "logs/a.csv has no column 'time'" in str(wrong)
    assert isinstance(unreadable, LogError)
    assert unreadable.path == tmp_path / "logs/c.csv"


def test_a_path_that_matches_nothing_says_what_is_there(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE.replace('"logs/*"', '"logs/*.csv", "logs/x.csv"'))
    write(tmp_path, "y.log", HEADER)
    with pytest.raises(LogError) as raised:
        take(made)
    assert raised.value.line == 9
    assert raised.value.hint == "the folder logs/ holds: y.log"
    write(tmp_path, "x.csv", csv_of(event()))
    assert take(made).problems == ()
    shutil.move(tmp_path / "logs/x.csv", tmp_path / "logs/z.csv")
    assert [type(each) for each in take(made).problems] == [LogError]


def test_a_lake_that_an_earlier_version_wrote_is_named_as_such(tmp_path: Path) -> None:
    made = workspace(tmp_path)
    write(tmp_path, "a.csv", csv_of(event()))
    older = TABLES["loads"].empty().drop("future").to_arrow()
    write_deltalake(str(tmp_path / "lake" / "loads"), older)
    with pytest.raises(ConfigError, match="loads has no column 'future'"):
        take(made)
