"""One workspace whose truth is known: scanned by the real pipeline, ranked, and scored.

Knows the order of the work and the frames that come of it; not how seeds are put together.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import duckdb
import polars as pl

from nightporter.config import Settings
from nightporter.errors import LogError, NightporterError
from nightporter.evaluate import chance, ranked
from nightporter.evaluate.findings import findings_said, found_by_each, judging
from nightporter.evaluate.lists import BUDGETS, CURVE, alone, listed, looked_at, places, ranks_alone
from nightporter.evaluate.options import Options
from nightporter.evaluate.references import forest_is_installed, references, vectors
from nightporter.evaluate.scoring import cost, outcomes
from nightporter.evaluate.truth import Truth, read_truth
from nightporter.lake import Lake
from nightporter.ledger import last_ended_day
from nightporter.nightly import load_feeds, nightly
from nightporter.passes import AT_ONCE
from nightporter.scan import Step, call
from nightporter.schema import SOURCES
from nightporter.window import Window
from nightporter.workspace import cache, lake_of, locked

OURS = "nightporter"
SHUFFLES = 20

# A ranking that is measured: its name, its part in the comparison, its scores.
Ranking = tuple[str, str, pl.DataFrame]


@dataclass(frozen=True)
class Measured:
    """What one workspace gave. Frames: see `scoring.outcomes` (of all at once, and `alone` of each
    insider without the others), `scoring.cost` (all with `ranker` and `role`: ours, reference,
    ablation, bound), `findings_said`, `found_by_each`; `shuffled` (budget, caught, cases, chance).
    `scores` (user_id, day, score) are our own, `facts` plain values."""

    outcomes: pl.DataFrame
    alone: pl.DataFrame
    cost: pl.DataFrame
    findings: pl.DataFrame
    by_each: pl.DataFrame
    shuffled: pl.DataFrame
    scores: pl.DataFrame
    facts: dict[str, Any]
    problems: tuple[NightporterError, ...] = ()


def measure(settings: Settings, options: Options, step: Step = call) -> Measured:
    """Scan everything that the workspace's logs hold, and compare its lists with truth/."""
    truth = read_truth(settings.root)
    window, problems = scan_all(settings, step)
    lake = lake_of(settings)
    tested = options.tested(window)
    people = present(lake, tested)
    judged = truth.since(tested.first)
    rows = Rows(truth, tested, people)
    what = step("rank", partial(ranked.said, lake))
    ours = step("rank", partial(ranked.scores, what, tested, cache(settings)))
    rows.add(OURS, "ours", ours)
    for name, role, scores in _bounds(judged, lake, tested):
        rows.add(name, role, scores)
    for name, role, scores in _references(lake, window, tested, step):
        rows.add(name, role, scores)
    if options.ablations:
        for name, role, scores in _ablations(settings, what, ours, tested, step):
            rows.add(name, role, scores)
    facts = {
        "people": len(people), "first_day": tested.first, "last_day": tested.last,
        "places": {str(budget): rows.places[budget] for budget in BUDGETS},
        "insiders": judged.of("insider").campaigns.height,
        "lookalikes": judged.of("lookalike").campaigns.height,
        "unscored": truth.campaigns.height - judged.campaigns.height,
        "detectors": judging(lake, tested),
        **_stored(lake, truth),
    }  # fmt: skip
    return Measured(
        pl.concat(rows.outcomes), pl.concat(rows.alone), pl.concat(rows.cost),
        findings_said(lake, truth, tested), found_by_each(lake, judged, tested),
        _shuffled(ours, judged, people), ours, facts, problems,
    )  # fmt: skip


class Rows:
    """The frames that each ranking adds to.

    Campaigns that began before `window` are not scored; whose they are is no innocent yet.
    """

    def __init__(self, truth: Truth, window: Window, people: Collection[str]) -> None:
        self._truth, self._window = truth, window
        self.places = places(len(people), sorted({*BUDGETS, *CURVE}))
        self._judged = truth.since(window.first)
        self.outcomes: list[pl.DataFrame] = []
        self.alone: list[pl.DataFrame] = []
        self.cost: list[pl.DataFrame] = []

    def add(self, name: str, role: str, scores: pl.DataFrame) -> None:
        lists = looked_at(scores, self.places)
        who = {"ranker": pl.lit(name), "role": pl.lit(role)}
        ranks = listed(scores)
        found = outcomes(ranks, lists, self._judged, self.places)
        self.outcomes.append(found.with_columns(**who))
        guilty = self._truth.of("insider").campaigns["user_id"].unique()
        own = alone(scores, self.places, guilty)
        insiders = self._judged.of("insider")
        found = outcomes(ranks_alone(ranks, guilty), own, insiders, self.places)
        self.alone.append(found.with_columns(**who))
        paid = cost(lists, self._truth, self.places, self._window)
        self.cost.append(paid.with_columns(**who))


def scan_all(settings: Settings, step: Step) -> tuple[Window, tuple[NightporterError, ...]]:
    """Read every log, then scan every day of it; return the days, and what failed.

    A night of AT_ONCE days after the other: the night's book holds every event of its days.
    """
    lake = lake_of(settings)
    with locked(settings):
        _, problems = load_feeds(settings, settings.feed, lake, datetime.now(UTC), step)
    days = sorted({day for source in SOURCES for day in lake.days(source)})
    if not days:
        raise problems[0] if problems else LogError("no log holds an event", path=settings.path)
    window = Window(days[0], days[-1])
    for part in window.parts(AT_ONCE):
        problems += nightly(settings, ended(settings, part.last), step=step, silent=True).problems
    said = {str(problem): problem for problem in problems}
    return window, tuple(said.values())


def ended(settings: Settings, day: date) -> datetime:
    """Return the first full hour at which the business day `day` has ended at every site."""
    moment = datetime.combine(day, time(12), UTC)
    while last_ended_day(settings, moment) < day:
        moment += timedelta(hours=1)
    return moment


def present(lake: Lake, window: Window) -> list[str]:
    """Return whom some log showed on the days of `window`, sorted."""
    people: list[str] = lake.read("presence", window)["user_id"].unique().sort().to_list()
    return people


def _bounds(truth: Truth, lake: Lake, tested: Window) -> Iterator[Ranking]:
    yield "the best order", "bound", chance.oracle(truth)
    yield "a random order", "bound", chance.luck(lake.read("presence", tested), seed=1)


def _references(lake: Lake, window: Window, tested: Window, step: Step) -> Iterator[Ranking]:
    days = step("features for the references", partial(vectors, lake, window))
    wanted = references(days, tested, forest=forest_is_installed())
    while (found := step("reference", partial(next, wanted, None))) is not None:
        yield found[0], "reference", found[1]


def _ablations(
    settings: Settings, what: ranked.Said, ours: pl.DataFrame, tested: Window, step: Step
) -> Iterator[Ranking]:
    for name, changed in ranked.ablations(what).items():
        yield name, "ablation", step(name, partial(ranked.scores, changed, tested, cache(settings)))
    for name, scores in ranked.from_parts(ours).items():
        yield name, "ablation", scores


def _shuffled(ours: pl.DataFrame, truth: Truth, people: list[str]) -> pl.DataFrame:
    """How many insiders drawn by lot the lists catch, beside what chance would give."""
    most = places(len(people))
    ranks, lists = listed(ours), looked_at(ours, most)
    expected = chance.by_chance(lists, truth, people, most)
    drawn = [chance.shuffled(truth, people, seed) for seed in range(SHUFFLES)]
    rows = pl.concat(
        outcomes(ranks, lists, each, most).select("budget", "caught") for each in drawn
    )
    found = (
        rows.group_by("budget").agg(caught=pl.col("caught").sum(), cases=pl.len()).sort("budget")
    )
    by_budget = pl.col("budget").replace_strict(expected, return_dtype=pl.Float64)
    return found.with_columns(chance=by_budget)


def _stored(lake: Lake, truth: Truth) -> dict[str, int]:
    """Count the events of the lake, the deeds, and the deeds that are no event of it."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        con.register("deeds", truth.events.select("source", "record_id").to_arrow())
        for source in SOURCES:
            lake.view(con, source)
        stored = " UNION ALL ".join(
            f"SELECT '{source}' AS source, record_id FROM {source}" for source in SOURCES
        )
        (events,), (seen,) = con.execute(
            f"""SELECT count(*) FROM ({stored}) UNION ALL
            SELECT count(DISTINCT (source, record_id))
            FROM ({stored}) SEMI JOIN deeds USING (source, record_id)"""
        ).fetchall()
    deeds = truth.events.height
    return {"events": events, "deeds": deeds, "unseen": deeds - seen}
