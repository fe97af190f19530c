"""What `evaluate --cert` prints: the lines read, then scenarios, insiders and days."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from nightporter.cli import console
from nightporter.cli.console import out
from nightporter.cli.loads import print_loads
from nightporter.evaluate.cert import WARM_UP, WHOLE_PERIOD, CertRun, evaluate_cert
from nightporter.evaluate.lists import BUDGETS
from nightporter.hostile import brief


def measure_cert(folder: Path, workspace: Path, *, json: bool) -> NoReturn:
    """Measure the CERT files in `folder`, as the workspace `workspace`, and end."""
    run = evaluate_cert(folder, workspace, step=console.stage)
    if json:
        console.out_json(as_json(run))
    else:
        print_cert(run)
    for problem in run.problems:
        console.complain(problem)
    console.end(console.ExitCode.INCOMPLETE if run.problems else console.ExitCode.RAN)


def as_json(run: CertRun) -> dict[str, Any]:
    """Return the whole score as plain values; budgets are keys, as text."""
    score = run.score
    told = {
        "first_day": score.window.first, "last_day": score.window.last, "people": score.people,
        "places": score.places, "scenarios": score.scenarios, "insiders": score.insiders,
        "days": score.days, "unscored": score.unscored, "unseen": score.unseen,
        "unread": run.truth.unread,
    }  # fmt: skip
    return {key: _plain(value) for key, value in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def print_cert(run: CertRun) -> None:
    """Print what was read, then the three tables."""
    print_loads(run.settings, run.loads, json=False)
    _print_answers(run)
    _print_scenarios(run)
    _print_insiders(run)
    _print_days(run)


def _print_answers(run: CertRun) -> None:
    score, truth = run.score, run.truth
    unread = ", ".join(f"{n:,} in {log}.csv" for log, n in sorted(truth.unread.items()))
    out(
        f"\nANSWERS  {truth.campaigns.height} insiders, {truth.events.height:,} deeds in these"
        f" logs; in logs that are not read: {unread or 'none'}"
    )
    if score.unseen:
        out(f"         {score.unseen:,} deeds are no event: their lines are missing or broken")
    if score.unscored:
        out(f"         {score.unscored} insiders began within the {WARM_UP} days of warm-up")
    places = ", ".join(f"{places} at {budget}" for budget, places in score.places.items())
    out(f"SCORED   {score.window}, {score.people:,} people; places a day: {places} per 1,000")


def _row(first: str, cells: Iterable[object], width: int) -> None:
    out(f"{first:<28}" + "".join(f"{cell!s:>{width}}" for cell in cells))


def _print_scenarios(run: CertRun) -> None:
    out()
    heads = [*(f"at {budget}" for budget in BUDGETS), f"whole, {WHOLE_PERIOD}"]
    _row("BY SCENARIO, listed", ["insiders", *heads], 15)
    for row in run.score.scenarios:
        shares = [
            f"{row['listed'][budget]} ({low:.0%}-{high:.0%})"
            for budget, (low, high) in row["interval"].items()
        ]
        _row(brief(row["campaign"]), [row["insiders"], *shares, row["whole_period"]], 15)
        if row["documents"]:
            gone = [f"{documents:,}" for documents in row["gone"].values()]
            _row("  documents gone by then", [f"{row['documents']:,}", *gone], 15)


def _print_insiders(run: CertRun) -> None:
    out()
    heads = ["from", "to", "best", *(f"at {budget}" for budget in BUDGETS)]
    _row("BY INSIDER, first listed", heads, 12)
    for row in run.score.insiders:
        when = [day or "-" for day in row["first_listed"].values()]
        cells = [row["first_day"], row["last_day"], row["best_place"] or "-", *when]
        _row(brief(row["campaign_id"]), cells, 12)


def _print_days(run: CertRun) -> None:
    out()
    _row("BY DAY", ["places", "listed", "right", "recall", "precision", "ceiling", "innocent"], 11)
    for row in run.score.days:
        counts = [f"{row[key]:,}" for key in ("places", "listed", "right")]
        shares = [_share(row[key]) for key in ("recall", "precision", "ceiling")]
        _row(f"at {row['budget']}", [*counts, *shares, f"{row['innocent']:,}"], 11)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
