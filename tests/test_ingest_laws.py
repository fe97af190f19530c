"""The laws of ingest hold for every form of file, packed or plain, under wide and tight limits.

Wide: a batch is held in memory. Tight: records cross blocks, files spill to data files that
are thinned and adopted, and a few lines are a batch. What must come out is counted here from
the invented records alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightporter.config import Settings
from nightporter.ingest import ingest_feed
from nightporter.sources.again import note_again
from tests.laws import tried
from tests.sources.feeds import NOW, content, lake_of, rows, workspace, write
from tests.sources.forms import FORMS, PACKINGS, SITE, Said, feed_of, tighten, written

SAID = st.builds(
    Said,
    st.sampled_from([f"2024-05-0{day} 10:0{n}:00" for day in (1, 2, 4) for n in (0, 1)] + ["soon"]),
    st.sampled_from(["b1", "b2"]),
    st.sampled_from(["entry", "entry", "exit", "noise"]),
)
RECORDS = st.lists(SAID, max_size=9)
FILES = st.lists(st.tuples(RECORDS, st.sampled_from(PACKINGS)), min_size=2, max_size=4)
File = tuple[Sequence[Said], str]


def told(*said: str) -> list[Said]:
    return [
        Said(f"2024-05-0{s[0]} 10:00:00" if s[0] != "x" else "soon", *WORDS[s[1:]]) for s in said
    ]


WORDS = {"a": ("b1", "entry"), "b": ("b2", "exit"), "n": ("b1", "noise")}
# What few invented files hold all at once: equal records in one file and in several, more of
# them here than there, records that are refused or ignored, and days that only one file has.
RICH: list[File] = [
    (told("1a", "1a", "2b", "xa", "4n"), "plain"),
    (told("1a", "2b", "2b", "2a", "xb", "xb"), "gzip"),
    (told("1a", "1a", "1a", "4b", "1n"), "zstd"),
    (told("2b", "4b", "xa"), "plain"),
]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["wide", "tight"], autouse=True)
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "tight":
        tighten(monkeypatch)


class House:
    """A workspace whose feeds read one form, each over all files."""

    def __init__(self, root: Path, form: str, feeds: Iterable[str] = ("doors",)) -> None:
        self.form = form
        self.made = workspace(root, SITE + "".join(feed_of(form, name) for name in feeds))
        self.lake = lake_of(self.made)

    def put(self, name: str, file: File) -> None:
        write(self.made.root, name, written(self.form, *file))

    def take(self) -> int:
        """Load all feeds; return how many files were new."""
        loads = [ingest_feed(self.made, feed, self.lake, now=NOW) for feed in self.made.feed]
        return sum(load.loaded for load in loads)

    def take_all(self, files: Sequence[File], order: Iterable[int], apart: bool) -> None:
        for n in order:
            self.put(f"{n}", files[n])
            if apart:
                self.take()
        self.take()


def union(files: Iterable[File]) -> Counter[tuple[datetime, str, str]]:
    """Return the multiset union of what may be taken of the files."""
    held: Counter[tuple[datetime, str, str]] = Counter()
    for said, _ in files:
        held |= Counter(
            (datetime.fromisoformat(each.time), each.card, each.event)
            for each in said
            if each.taken
        )
    return held


def found(made: Settings, feed: str = "doors") -> Counter[tuple[datetime, str, str]]:
    mine = rows(made).filter(pl.col("feed") == feed)
    return Counter(mine.select("local_ts", "badge_id", "action").rows())


def refused(made: Settings) -> list[tuple[object, ...]]:
    return sorted(rows(made, "rejects").drop("ingested_at").rows(), key=repr)


def loaded(made: Settings) -> list[tuple[object, ...]]:
    return sorted(rows(made, "loads").drop("ingested_at").rows(), key=repr)


@tried(1)
@given(files=FILES, apart=st.booleans())
@example(files=RICH, apart=True)
def test_no_record_disappears(form: str, files: list[File], apart: bool) -> None:
    with TemporaryDirectory() as folder:
        house = House(Path(folder), form)
        house.take_all(files, range(len(files)), apart)
        kept = {written(form, *file): file[0] for file in files}.values()
        loads = rows(house.made, "loads")
        assert loads["lines"].sum() == sum(len(said) for said in kept)
        noise = [[each.event == "noise" for each in said] for said in kept]
        assert loads["ignored"].sum() == sum(map(sum, noise))
        assert loads["rejected"].sum() == len(refused(house.made))
        assert loads["accepted"].sum() == len(rows(house.made))
        parts = pl.sum_horizontal("accepted", "rejected", "duplicates", "ignored")
        assert loads.select((pl.col("lines") == parts).all()).item()
        soon = sum(each.event != "noise" and each.time == "soon" for said in kept for each in said)
        assert len(refused(house.made)) == soon


@tried(1)
@given(files=FILES, apart=st.booleans())
@example(files=RICH, apart=False)
def test_two_feeds_over_the_same_files_each_hold_their_multiset_union(
    form: str, files: list[File], apart: bool
) -> None:
    with TemporaryDirectory() as folder:
        house = House(Path(folder), form, ("doors", "gates"))
        house.take_all(files, range(len(files)), apart)
        assert found(house.made) == found(house.made, "gates") == union(files)


@tried(1)
@given(files=FILES, random=st.randoms(use_true_random=False))
@example(files=RICH, random=Random(4))
def test_any_order_of_arrival_gives_the_same_lake(
    form: str, files: list[File], random: object
) -> None:
    order = list(range(len(files)))
    random.shuffle(order)  # type: ignore[attr-defined]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        together, apart = House(Path(one), form), House(Path(other), form)
        together.take_all(files, range(len(files)), apart=False)
        apart.take_all(files, order, apart=True)
        assert content(together.made) == content(apart.made)
        assert refused(together.made) == refused(apart.made)


@tried(1)
@given(
    said=RECORDS, cuts=st.lists(st.integers(0, 9), max_size=3), packing=st.sampled_from(PACKINGS)
)
@example(said=RICH[1][0], cuts=[2, 4], packing="gzip")
def test_a_file_that_grew_is_as_the_last_of_it_alone(
    form: str, said: list[Said], cuts: list[int], packing: str
) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        grown, whole = House(Path(one), form), House(Path(other), form)
        for cut in sorted(cuts):
            grown.put("a", (said[:cut], packing))
            grown.take()
        for each in (grown, whole):
            each.put("a", (said, packing))
            each.take()
        assert content(grown.made) == content(whole.made)
        assert found(grown.made) == union([(said, packing)])


@tried(1)
@given(files=FILES, packing=st.sampled_from(PACKINGS))
@example(files=RICH, packing="zstd")
def test_files_renamed_copied_or_packed_otherwise_bring_no_event(
    form: str, files: list[File], packing: str
) -> None:
    with TemporaryDirectory() as folder:
        house = House(Path(folder), form)
        house.take_all(files, range(len(files)), apart=False)
        before = [content(house.made), refused(house.made), loaded(house.made)]
        for n, file in enumerate(files):
            house.put(f"copy-{n}", file)
            (house.made.root / "logs" / f"{n}").rename(house.made.root / "logs" / f"moved-{n}")
        assert house.take() == 0
        assert before == [content(house.made), refused(house.made), loaded(house.made)]
        for n, (said, _) in enumerate(files):
            house.put(f"packed-{n}", (said, packing))
        house.take()
        assert content(house.made) == before[0]


@tried(1)
@given(files=FILES, apart=st.booleans())
@example(files=RICH, apart=True)
def test_files_read_again_with_the_same_map_say_the_same(
    form: str, files: list[File], apart: bool
) -> None:
    with TemporaryDirectory() as folder:
        house = House(Path(folder), form)
        house.take_all(files, range(len(files)), apart)
        before = [content(house.made), refused(house.made)]
        again = note_again(house.made, house.made.feed[0], lake_of(house.made))
        assert house.take() == len(again.file_ids) > 0
        assert before == [content(house.made), refused(house.made)]
        assert house.take() == 0


@pytest.mark.parametrize("form", [form for form in FORMS if form != "csv"])
@tried(1)
@given(files=FILES)
@example(files=RICH)
def test_every_form_gives_the_lake_that_csv_gives(form: str, files: list[File]) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        here, csv = House(Path(one), form), House(Path(other), "csv")
        for house in (here, csv):
            house.take_all(files, range(len(files)), apart=False)
        assert content(here.made) == content(csv.made)
