"""Whenever logs come, and however the nights fall: the last night says what one calm run says.

Events of two people over twelve days, three feeds, a file a day and feed; some come late.
What comes too late for the nights is stale, and a backfill mends it. What one run says over
all the files is the measure.
"""

import contextlib
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import House
from workspaces import asked, rows

from nightporter.cli.app import main
from tests.laws import tried

FIRST = date(2026, 3, 2)  # a Monday
LAST = 11
LATENESS = {"files": 3, "more": 3, "doors": 6}
RESULTS = (
    "user_day", "user_slow", "presence", "user_hour", "first_seen", "feed_day", "findings",
    "evidence", "flagged", "nearby", "risk", "places", "robots", "cases",
)  # fmt: skip
MORE = """
[[feed]]
name = "more"
source = "access"
paths = ["logs/more-*.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "who"
  action = "what"
"""
WORDS = {"files": ("view", "download"), "more": ("view", "download"), "doors": ("entry",)}

FILED = """
    SELECT f.finding_id, c.user_id, c.opened FROM findings AS f LEFT JOIN cases AS c USING (case_id)
    WHERE f.status = 'open' ORDER BY ALL"""


class Log(NamedTuple):
    """One feed's file of one day, and how many days late it comes."""

    feed: str
    day: int
    late: int
    events: tuple[tuple[str, int, str], ...]


@st.composite
def logs(draw: st.DrawFn) -> list[Log]:
    made = []
    for n in range(LAST + 1):
        for feed, words in WORDS.items():
            what = st.tuples(
                st.sampled_from(["ana", "bo"]), st.integers(0, 3), st.sampled_from(words)
            )
            # A calm event a day: a feed that is silent is a matter of its own.
            events = (("ana", 9, words[0]), *draw(st.lists(what, max_size=2)))
            late = draw(st.integers(0, LATENESS[feed] - 1)) if draw(st.integers(0, 3)) == 0 else 0
            made.append(Log(feed, n, late, events))
    return made


NIGHTS = st.sets(st.integers(0, LAST - 1), min_size=1, max_size=4).map(sorted)


def day(n: int) -> date:
    """Return the n-th day; it is scanned on the morning of the next."""
    return FIRST + timedelta(days=n)


@contextlib.contextmanager
def house() -> Iterator[House]:
    """Yield a house with three feeds."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        made = House(Path(folder), patch, pages=False)
        toml = made.root / "nightporter.toml"
        toml.write_text(toml.read_text() + MORE)
        yield made


def put(made: House, each: Log) -> None:
    lines = [
        f"{day(each.day)} {10 + hour % 9}:00:00,{who},{what},gate"
        for who, hour, what in each.events
    ]
    path = made.root / "logs" / f"{each.feed}-{day(each.day)}.csv"
    path.write_text("\n".join(["time,who,what,door", *lines, ""]))


def results(made: House, until: int = LAST) -> dict[str, list[tuple]]:
    """Return all that stands about the days until then; what was withdrawn stands no more."""
    open_ids = asked(made.root, "SELECT finding_id FROM findings WHERE status = 'open'")
    listed = ", ".join(f"'{each}'" for (each,) in open_ids) or "''"
    kept = f"day <= DATE '{day(until)}'"
    # A case is one row that grows: what it was on an earlier day is not kept.
    cases = "status <> 'withdrawn'" if until == LAST else "false"
    where = dict.fromkeys(RESULTS, kept) | {"first_seen": "true", "cases": cases}
    for table in ("findings", "evidence"):
        where[table] = f"{kept} AND finding_id IN ({listed})"
    found = {table: rows(made.root, table, where[table]) for table in RESULTS}
    # Which finding lies in whose case, whatever the case is called.
    return found | {"filed": asked(made.root, FILED) if until == LAST else []}


def printed(made: House) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit):
        main(["findings", "--json", "--workspace", str(made.root)])
    return out.getvalue()


def calm(said: Sequence[Log], until: int = LAST) -> dict[str, list[tuple]]:
    with house() as made:
        for each in said:
            put(made, each)
        made.night(day(LAST + 1))
        return results(made, until)


@tried(2, shrinks=False)
@given(said=logs(), nights=NIGHTS)
def test_late_logs_and_many_nights_say_what_one_calm_run_says(
    said: list[Log], nights: list[int]
) -> None:
    with house() as made:
        come = -1
        for night in [*nights, LAST]:
            for each in said:
                if come < min(each.day + each.late, LAST) <= night:
                    put(made, each)
            made.night(day(night + 1))
            come = night
        if asked(made.root, "FROM windows WHERE status = 'stale'"):
            made.backfill()
        found, expected = results(made), calm(said)
        for table in expected:
            assert found[table] == expected[table], table


@tried(2, shrinks=False)
@given(said=logs(), until=st.integers(5, LAST - 1))
def test_later_days_change_nothing_of_earlier_ones(said: list[Log], until: int) -> None:
    """One run that knows all days says of the earlier ones what a run says that ends with them."""
    with house() as made:
        for each in said:
            if each.day <= until:
                put(made, each)
        made.night(day(until + 1))
        before = results(made, until)
    after = calm(said, until)
    for table in set(RESULTS) - {"first_seen"}:
        assert after[table] == before[table], table


@tried(2, shrinks=False)
@given(said=logs())
def test_a_night_run_again_changes_no_byte(said: list[Log]) -> None:
    with house() as made:
        for each in said:
            put(made, each)
        made.night(day(LAST + 1))
        before = [results(made), printed(made), asked(made.root, "FROM windows ORDER BY ALL")]
        assert made.night(day(LAST + 1)).window is None
        again = [results(made), printed(made), asked(made.root, "FROM windows ORDER BY ALL")]
        assert again == before
