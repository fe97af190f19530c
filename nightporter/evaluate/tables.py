"""The figures of a profile as tables of words: the same for a terminal and for a page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nightporter.evaluate import targets
from nightporter.evaluate.lists import BUDGETS
from nightporter.evaluate.results import Figures

Row = tuple[str, ...]
AT = tuple(f"at {budget}" for budget in BUDGETS)


@dataclass(frozen=True)
class Table:
    """A title, the heads of columns, rows as wide, and how to read them."""

    title: str
    heads: Row
    rows: Sequence[Row]
    note: str = ""


def tables(told: Figures) -> Iterator[Table]:
    """Yield the tables of one profile's summary, the most asked for first."""
    yield _caught(told)
    yield _at_once(told)
    yield _missed(told)
    yield _lost(told)
    yield _cost(told)
    yield _rankers(told, ("ours", "reference", "bound"), "Beside other methods", _BESIDE)
    if any(row["role"] == "ablation" for row in told["rankers"]):
        yield _rankers(told, ("ours", "ablation"), "With a part left out", _WITHOUT)
    yield _lookalikes(told)
    yield _findings(told)
    yield _shuffled(told)
    if any("replay" in seed for seed in told["seeds"]):
        yield _replay(told)
    yield _targets(told)
    yield _seeds(told)


def percent(share: float | None) -> str:
    """Return a share in words; what there is no case of is a dash."""
    return "-" if share is None else f"{share:.0%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}" if abs(value) < 10 else f"{value:,.0f}"


def _by_name(rows: list[Figures], name: str) -> dict[str, dict[float, Figures]]:
    found: dict[str, dict[float, Figures]] = {}
    for row in rows:
        found.setdefault(str(row[name]), {})[row["budget"]] = row
    return found


def _across(each: dict[float, Figures], say: Callable[[Figures], str]) -> Row:
    return tuple(say(each[budget]) if budget in each else "-" for budget in BUDGETS)


def _caught(told: Figures) -> Table:
    rows = [(*row, _wanted(row[0])) for row in _by_campaign(told["recall"], told["all"])]
    note = (
        "Share of insiders caught by so many places a thousand people and day, with its 95 %"
        " interval (Wilson): listed on a day with a deed or up to 3 days after, once the evidence"
        " had arrived. Each insider stands beside innocent people alone."
    )
    return Table("Insiders caught", ("campaign", "cases", *AT, "target"), rows, note)


def _at_once(told: Figures) -> Table:
    rows = list(_by_campaign(told["at_once"], told["all_at_once"]))
    note = (
        "The same where all of them are at work: they take each other's places, most of all where"
        " there is one place."
    )
    return Table("All insiders at once", ("campaign", "cases", *AT), rows, note)


def _by_campaign(recall: list[Figures], whole: list[Figures]) -> Iterator[Row]:
    rows = [*recall, *({**row, "campaign": "all campaigns"} for row in whole)]
    for name, each in _by_name(rows, "campaign").items():
        yield (name, str(next(iter(each.values()))["cases"]), *_across(each, _share))


def _missed(told: Figures) -> Table:
    rows = [
        (row["campaign"], f"{row['missed']}", f"{row['silent']}", f"{row['outranked']}",
         _number(row["place"]))
        for row in told["missed"]
    ]  # fmt: skip
    note = (
        f"Insiders not caught at {targets.MARGIN_AT}: no finding became known on a day that counts,"
        " or others stood before them; and the median of their best places."
    )
    heads = ("campaign", "missed", "no finding", "outranked", "best place")
    return Table("Missed, and why", heads, rows, note)


def _share(row: Figures) -> str:
    return f"{percent(row['share'])} ({row['low']:.0%}-{row['high']:.0%})"


def _wanted(campaign: str) -> str:
    wanted = targets.RECALL.get(campaign, {})
    return ", ".join(f"{share:.0%} at {budget:g}" for budget, share in wanted.items())


def _lost(told: Figures) -> Table:
    rows = []
    for name, each in _by_name(told["recall"], "campaign").items():
        rows.append((name, *_across(each, _gone), _early(name)))
    note = (
        "Median days from the first deed to the list, of those caught; median share of the"
        " documents gone by the end of that day, of all cases (who is never caught takes all);"
        f" and of how many no more than {targets.GONE:.0%} were gone."
    )
    return Table("Lost until detection", ("campaign", *AT, "target"), rows, note)


def _gone(row: Figures) -> str:
    days = "-" if row["days"] is None else f"{row['days']:g} d"
    if row["gone"] is None:
        return days
    return f"{days}, {percent(row['gone'])} gone, {percent(row['in_time'])} in time"


def _early(campaign: str) -> str:
    return f"{targets.GONE:.0%} gone" if campaign in targets.EARLY else ""


def _cost(told: Figures) -> Table:
    each = {row["budget"]: row for row in told["cost"]}
    lines: list[tuple[str, Callable[[Figures], str]]] = [
        ("places filled, a thousand people and day", lambda row: _number(row["alerts"])),
        ("of innocent people, a thousand and day", lambda row: _number(row["innocent_alerts"])),
        ("different innocent people, a thousand", lambda row: _number(row["innocent_each"])),
        ("precision", lambda row: percent(row["precision"])),
        ("best that any order could reach", lambda row: percent(row["ceiling"])),
        ("held by look-alikes", lambda row: percent(row["lookalike_share"])),
        ("insiders before their first deed", lambda row: f"{row['early']:,}"),
    ]
    rows = [(name, *_across(each, say)) for name, say in lines]
    note = (
        "A list shorter than its budget is a valid list. A place is right where it is an"
        " insider's on a day that counts; innocent is whoever has done nothing by then."
    )
    return Table("What the lists cost", ("", *AT), rows, note)


_BESIDE = (
    "Insiders caught, all campaigns together, by the same rule for every method: the highest"
    " scores of each day. Precision and different innocent people (a thousand) at"
    f" {targets.MARGIN_AT}."
)
_WITHOUT = "The same ranking with one part changed: what it adds, and what it costs."


def _rankers(told: Figures, roles: tuple[str, ...], title: str, note: str) -> Table:
    rows = []
    chosen = [row for row in told["rankers"] if row["role"] in roles]
    for name, each in _by_name(chosen, "ranker").items():
        paid = each[targets.MARGIN_AT]
        cost = (percent(paid["precision"]), _number(paid["innocent_each"]))
        rows.append((name, *_across(each, lambda row: percent(row.get("share"))), *cost))
    return Table(title, ("ranking", *AT, "precision", "innocent"), rows, note)


def _lookalikes(told: Figures) -> Table:
    rows = [
        (name, str(next(iter(each.values()))["cases"]), *_across(each, _share))
        for name, each in _by_name(told["lookalikes"], "campaign").items()
    ]
    note = "Share of harmless people with a good reason who were listed on its days all the same."
    return Table("Look-alikes listed", ("look-alike", "cases", *AT), rows, note)


def _findings(told: Figures) -> Table:
    said = told["findings"]
    rows = [
        (row["detector"], f"{row['findings']:,}", _number(row["rate_lookalikes"]),
         _number(row["rate"]), _number(said["each"]))
        for row in said["detectors"]
    ]  # fmt: skip
    whole = f"{sum(row['findings'] for row in said['detectors']):,}"
    beside = _number(said["total_lookalikes"])
    rows.append(("all detectors", whole, beside, _number(said["total"]), _number(said["budget"])))
    note = (
        "Findings of level medium or above about people who did nothing by then: all of them, and a"
        " thousand people and day about look-alikes on their days and about everybody else."
    )
    heads = ("detector", "findings", "look-alikes", "others", "others at most")
    return Table("Alert budget", heads, rows, note)


def _shuffled(told: Figures) -> Table:
    each = {row["budget"]: row for row in told["shuffled"]}
    rows = [
        ("insiders drawn by lot, caught", *_across(each, lambda row: f"{row['share']:.1%}")),
        ("what chance gives", *_across(each, lambda row: f"{row['chance']:.1%}")),
    ]
    return Table("Shuffled labels", ("", *AT), rows, "The two agree, or the measurement is wrong.")


def _replay(told: Figures) -> Table:
    seeds = [seed for seed in told["seeds"] if "replay" in seed]
    rows = [
        (f"seed {seed['seed']}, at {row['budget']:g}", f"{row['nights']}", f"{row['once']:,}",
         f"{row['nightly']:,}", percent(row["shared"]), str(row["caught_once"]),
         str(row["caught_nightly"]))
        for seed in seeds for row in seed["replay"]
    ]  # fmt: skip
    note = (
        "One pass with arrival delays, and the same logs added and scanned night by night: places"
        " filled by each, the share of them that both have, and insiders caught."
    )
    heads = ("", "nights", "one pass", "nightly", "shared", "caught once", "caught nightly")
    return Table("Night by night", heads, rows, note)


def _targets(told: Figures) -> Table:
    rows = [
        (row["what"], _number(row["value"]),
         f"{'at most' if row['most'] else 'at least'} {_number(row['target'])}",
         "met" if row["met"] else "MISSED")
        for row in told["targets"]
    ]  # fmt: skip
    return Table("Targets", ("", "measured", "target", ""), rows)


def _seeds(told: Figures) -> Table:
    rows = [
        (str(seed["seed"]), f"{seed['people']:,}", f"{seed['first_day']} to {seed['last_day']}",
         f"{seed['events']:,}", str(seed["insiders"]), str(seed["lookalikes"]),
         str(seed["unscored"]), f"{seed['unseen']:,} of {seed['deeds']:,}",
         f"{seed['seconds'] / 60:.1f} min, {seed['mb']:,} MB")
        for seed in told["seeds"]
    ]  # fmt: skip
    heads = ("seed", "people", "tested", "events", "insiders", "look-alikes", "began too early",
             "deeds not in the lake", "took")  # fmt: skip
    return Table("What was measured", heads, rows)
