"""What seeds gave, kept in files, and put together: shares with intervals, a thousand people a day.

Knows frames and figures; not how they are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from nightporter.evaluate import targets
from nightporter.evaluate.lists import BUDGETS, CURVE
from nightporter.evaluate.measuring import OURS, Measured
from nightporter.findings import ALL_DETECTORS, ONE_DETECTOR
from nightporter.intervals import wilson

FRAMES = ("outcomes", "alone", "cost", "findings", "by_each", "shuffled")

Figures = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """One workspace's frames (see `Measured`) and facts, `seed` and `profile` among them."""

    frames: dict[str, pl.DataFrame]
    facts: Figures


def keep(folder: Path, measured: Measured, facts: Figures) -> None:
    """Write what a workspace gave below `folder`; `facts` last, for they say that all is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FRAMES:
        getattr(measured, name).write_parquet(folder / f"{name}.parquet")
    fresh = folder / ".facts.json"
    fresh.write_bytes(orjson.dumps({**measured.facts, **facts}, option=orjson.OPT_INDENT_2))
    fresh.replace(folder / "facts.json")


def kept(folder: Path) -> Result | None:
    """Return what `keep` wrote, None where nothing whole is there."""
    written = [folder / "facts.json", *(folder / f"{name}.parquet" for name in FRAMES)]
    if not all(path.is_file() for path in written):
        return None
    frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in FRAMES}
    return Result(frames, orjson.loads((folder / "facts.json").read_bytes()))


def summary(results: Sequence[Result]) -> list[Figures]:
    """Return the figures of each profile, over all its seeds."""
    profiles = list(dict.fromkeys(result.facts["profile"] for result in results))
    return [_profile(name, [r for r in results if r.facts["profile"] == name]) for name in profiles]


def _profile(name: str, results: Sequence[Result]) -> Figures:
    person_days = sum(r.facts["people"] * _days(r) for r in results)
    people = sum(r.facts["people"] for r in results)
    told_budget = pl.col("budget").is_in([float(budget) for budget in BUDGETS])
    outcomes = _together(results, "outcomes").filter(told_budget)
    points = _together(results, "alone")
    insiders = points.filter(told_budget)
    ours, insider = pl.col("ranker") == OURS, pl.col("kind") == "insider"
    paid = _together(results, "cost").filter(told_budget)
    told: Figures = {
        "profile": name,
        "seeds": [r.facts for r in results],
        "people": people,
        "person_days": person_days,
        "places": [r.facts["places"] for r in results],
        "recall": _recall(insiders.filter(ours), ["campaign"]),
        "all": _recall(insiders.filter(ours), []),
        "at_once": _recall(outcomes.filter(ours, insider), ["campaign"]),
        "all_at_once": _recall(outcomes.filter(ours, insider), []),
        "lookalikes": _recall(outcomes.filter(ours, ~insider), ["campaign"]),
        "missed": _missed(insiders.filter(ours)),
        "cost": _cost(paid.filter(ours), ["budget"], people, person_days),
        "rankers": _rankers(insiders, paid, people, person_days),
        "curves": _curves(points),
        "shuffled": _shuffled(_together(results, "shuffled")),
        "findings": _findings(_together(results, "findings").filter("counted"), person_days),
        "by_each": _by_each(results, person_days),
    }
    return told | {"targets": list(_met(told))}


def _days(result: Result) -> int:
    from datetime import date

    first, last = (date.fromisoformat(result.facts[key]) for key in ("first_day", "last_day"))
    return (last - first).days + 1


def _together(results: Sequence[Result], name: str) -> pl.DataFrame:
    return pl.concat(
        r.frames[name].with_columns(seed=pl.lit(str(r.facts["seed"]))) for r in results
    )


def _recall(outcomes: pl.DataFrame, by: list[str]) -> list[Figures]:
    """Cases, caught, share with its interval; days and documents until then, by budget.

    `days` is the median of those caught; `gone` the median share of documents, `in_time` the
    share of cases of which at most a third was gone, both of all cases.
    """
    rows = (
        outcomes.group_by(*by, "budget")
        .agg(
            cases=pl.len(),
            caught=pl.col("caught").sum(),
            days=pl.col("days").median(),
            gone=pl.col("gone").median(),
            in_time=(pl.col("gone") <= targets.GONE).mean(),
        )
        .sort(*by, "budget")
    )
    return [_with_interval(row) for row in rows.to_dicts()]


def _missed(outcomes: pl.DataFrame) -> list[Figures]:
    """Whoever was not caught at the middle budget: without a finding that counts, or outranked.

    `place` is the median of the best places of those outranked.
    """
    best = pl.col("best_place")
    return (
        outcomes.filter(pl.col("budget") == targets.MARGIN_AT, ~pl.col("caught"))
        .group_by("campaign")
        .agg(missed=pl.len(), silent=best.null_count(), place=best.median())
        .with_columns(outranked=pl.col("missed") - pl.col("silent"))
        .sort("campaign")
        .to_dicts()
    )


def _with_interval(row: Figures) -> Figures:
    low, high = wilson(row["caught"], row["cases"])
    share = row["caught"] / row["cases"] if row["cases"] else None
    return {**row, "share": share, "low": low, "high": high}


def _cost(paid: pl.DataFrame, by: list[str], people: int, person_days: int) -> list[Figures]:
    """Precision, its ceiling, and what the lists cost; rates are a thousand people and day."""
    counts = ("listed", "right", "reachable", "early", "lookalike", "innocent", "innocent_people")
    rows = paid.group_by(*by).agg(pl.col(counts).sum()).sort(*by)
    listed = pl.col("listed")
    return rows.with_columns(
        precision=_share(pl.col("right"), listed),
        ceiling=_share(pl.col("reachable"), listed),
        lookalike_share=_share(pl.col("lookalike"), listed),
        alerts=listed * 1000 / person_days,
        innocent_alerts=pl.col("innocent") * 1000 / person_days,
        innocent_each=pl.col("innocent_people") * 1000 / people,
    ).to_dicts()


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _rankers(
    insiders: pl.DataFrame, paid: pl.DataFrame, people: int, person_days: int
) -> list[Figures]:
    """Each ranking's recall over all campaigns, and its cost, by budget."""
    found = {(row["ranker"], row["budget"]): row for row in _recall(insiders, ["role", "ranker"])}
    spent = _cost(paid, ["role", "ranker", "budget"], people, person_days)
    order = {"ours": 0, "reference": 1, "bound": 2, "ablation": 3}
    rows = [{**found.get((row["ranker"], row["budget"]), {}), **row} for row in spent]
    return sorted(rows, key=lambda row: order[row["role"]])


def _curves(insiders: pl.DataFrame) -> list[Figures]:
    """The recall of each ranking that is no ablation at each budget of CURVE."""
    rows = insiders.filter(pl.col("budget").is_in(CURVE), pl.col("role") != "ablation")
    rows = rows.rename({"budget": "at"})
    whole = rows.group_by("role", "ranker", "at").agg(share=pl.col("caught").mean())
    own = rows.filter(pl.col("ranker") == OURS)
    each = own.group_by("campaign", "at").agg(share=pl.col("caught").mean())
    return [
        {"role": role, "name": name, "points": part.sort("at").select("at", "share").rows()}
        for (role, name), part in whole.sort("role", "ranker").group_by(
            "role", "ranker", maintain_order=True
        )
    ] + [
        {"role": "campaign", "name": name, "points": part.sort("at").select("at", "share").rows()}
        for (name,), part in each.sort("campaign").group_by("campaign", maintain_order=True)
    ]


def _shuffled(rows: pl.DataFrame) -> list[Figures]:
    """The recall of labels drawn by lot, beside what chance gives."""
    return (
        rows.group_by("budget")
        .agg(
            pl.col("caught", "cases").sum(),
            chance=(pl.col("chance") * pl.col("cases")).sum() / pl.col("cases").sum(),
        )
        .with_columns(share=pl.col("caught") / pl.col("cases"))
        .sort("budget")
        .to_dicts()
    )


def _findings(rows: pl.DataFrame, person_days: int) -> Figures:
    """Findings of medium or above about people who did nothing, a thousand people and day.

    The budget is that of ordinary people: `total` and `rate` leave out what is said of look-alikes
    on their days (`lookalikes`), of whom there are more here than in any house.
    """
    each = rows.group_by("detector").agg(pl.col("findings", "lookalikes").sum())
    told = each.with_columns(
        rate=(pl.col("findings") - pl.col("lookalikes")) * 1000 / person_days,
        rate_lookalikes=pl.col("lookalikes") * 1000 / person_days,
    )
    ordered = told.sort("rate", "detector", descending=[True, False]).to_dicts()
    total, beside = (float(told[name].sum()) for name in ("rate", "rate_lookalikes"))
    return {
        "total": total,
        "total_lookalikes": beside,
        "budget": ALL_DETECTORS,
        "each": ONE_DETECTOR,
        "detectors": ordered,
    }


def _by_each(results: Sequence[Result], person_days: int) -> list[Figures]:
    """What each detector that judged anything says by itself: of insiders, and of innocents.

    `found` are cases by campaign; the rate counts findings of every level, a thousand people and
    day.
    """
    found = (
        _together(results, "by_each").group_by("detector", "campaign").agg(pl.col("found").sum())
    )
    said = _together(results, "findings").group_by("detector").agg(pl.col("findings").sum())
    rate = {name: count * 1000 / person_days for name, count in said.iter_rows()}
    names = sorted({name for r in results for name in r.facts["detectors"]})
    return [
        {"detector": name, "innocent": rate.get(name, 0.0),
         "found": dict(found.filter(detector=name).sort("campaign")
                       .select("campaign", "found").iter_rows())}
        for name in names
    ]  # fmt: skip


def _met(told: Figures) -> Iterable[Figures]:
    """Yield every target that there is a figure for: what, value, target, met."""
    recall = {(row["campaign"], row["budget"]): row for row in told["recall"]}
    for campaign, least in targets.RECALL.items():
        for budget, share in least.items():
            if row := recall.get((campaign, budget)):
                yield _target(f"{campaign}: caught at {budget:g}", row["share"], share)
    for campaign in targets.EARLY:
        if (row := recall.get((campaign, targets.MARGIN_AT))) and row["gone"] is not None:
            what = f"{campaign}: median share of documents gone at {targets.MARGIN_AT}"
            yield _target(what, row["gone"], targets.GONE, most=True)
    yield from _margins(told)
    for row in told["cost"]:
        if row["lookalike_share"] is not None:
            what = f"places held by look-alikes at {row['budget']:g}"
            yield _target(what, row["lookalike_share"], targets.LOOKALIKES, most=True)
    said = told["findings"]
    yield _target("findings of medium or above", said["total"], said["budget"], most=True)
    for row in said["detectors"][:1]:
        yield _target(f"findings of {row['detector']}", row["rate"], said["each"], most=True)


def _margins(told: Figures) -> Iterable[Figures]:
    shares = {row["ranker"]: row.get("share") for row in told["rankers"]
              if row["budget"] == targets.MARGIN_AT}  # fmt: skip
    own = shares.get(OURS)
    for name in targets.BEATEN:
        if own is not None and shares.get(name) is not None:
            what = f"recall above {name} at {targets.MARGIN_AT}"
            yield _target(what, own - shares[name], targets.MARGIN)


def _target(what: str, value: float, target: float, *, most: bool = False) -> Figures:
    met = value <= target if most else value >= target
    return {"what": what, "value": value, "target": target, "most": most, "met": met}
