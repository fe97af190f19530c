"""What the pack says on the sample logs: findings by detector, and where everybody stands."""

from pathlib import Path
from typing import NamedTuple

from story_acts import beside_truth
from workspaces import shipped_detectors

_HEAD = """\
# What the sample logs make the detectors say

Half a year of an invented institute: `nightporter demo` scans it, `sample_logs/STORY.md` says who
does what. This page is counted from what a scan of all of it finds; `make docs` writes it anew.
"""
_RATES = """\
{days} days, {people_days} person-days. *A thousand a day*: findings a thousand people and day;
*innocent*: those of them about people who are no insiders; *nobody*: about no certain person, as
are a log or a door.
"""
_INSIDERS = "CREATE VIEW insiders AS SELECT DISTINCT person FROM truth WHERE kind = 'insider'"
_BY_DETECTOR = """
    SELECT detector, level, count(*) AS n,
        count(*) FILTER (user_id IN (SELECT person FROM insiders)) AS insiders,
        count(*) FILTER (user_id IS NULL) AS nobody
    FROM findings WHERE status = 'open' GROUP BY ALL ORDER BY detector"""
_STANDING = """
    WITH highest AS (SELECT user_id, max(risk) AS risk FROM risk GROUP BY user_id),
    placed AS (SELECT *, rank() OVER (ORDER BY risk DESC) AS place FROM highest),
    parts AS (
        SELECT kind, person, list(DISTINCT campaign ORDER BY campaign) AS parts
        FROM truth GROUP BY ALL
    )
    SELECT t.kind, t.parts, t.person, coalesce(p.risk, 0) AS risk, p.place,
        (SELECT count(*) FROM findings AS f
            WHERE f.user_id = t.person AND f.status = 'open') AS findings
    FROM parts AS t LEFT JOIN placed AS p ON p.user_id = t.person
    -- Who is an insider is none when he plays an innocent part.
    WHERE t.kind = 'insider' OR t.person NOT IN (SELECT person FROM insiders)
    ORDER BY t.kind, p.place NULLS LAST, t.person"""


class Standing(NamedTuple):
    """A person of the story; `place` by the highest risk of any day, None for no risk ever."""

    kind: str
    parts: list[str]
    person: str
    risk: float
    place: int | None
    findings: int


def standing(root: Path) -> list[Standing]:
    """Return everybody of the answer key, the insiders first, then by place."""
    with beside_truth(root, "findings", "risk") as con:
        con.execute(_INSIDERS)
        return [Standing(*row) for row in con.execute(_STANDING).fetchall()]


def told_page(root: Path) -> str:
    """Return docs/sample-logs.md."""
    return "\n".join([_HEAD, *_alerts(root), "", *_places(standing(root)), ""])


def _alerts(root: Path) -> list[str]:
    with beside_truth(root, "findings", "presence") as con:
        con.execute(_INSIDERS)
        rows = con.execute(_BY_DETECTOR).fetchall()
        days, people_days = con.execute(
            "SELECT count(DISTINCT day), count(*) FROM presence"
        ).fetchall()[0]
    silent = sorted(shipped_detectors() - {row[0] for row in rows})
    total = ("all together", "", *(sum(row[at] for row in rows) for at in (2, 3, 4)))
    return [
        "## Findings by detector\n",
        _RATES.format(days=days, people_days=people_days),
        "| detector | level | findings | about insiders | a thousand a day | innocent | nobody |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_line(row, people_days) for row in (*rows, total)),
        f"\nSilent: {', '.join(f'`{id}`' for id in silent)}.",
    ]


def _line(row: tuple[str, str, int, int, int], people_days: int) -> str:
    detector, level, n, insiders, nobody = row
    rates = (1000 * count / people_days for count in (n, n - insiders - nobody, nobody))
    name = f"`{detector}`" if level else detector
    return f"| {name} | {level} | {n} | {insiders} | {' | '.join(f'{x:.2f}' for x in rates)} |"


def _places(people: list[Standing]) -> list[str]:
    return [
        "## Where everybody of the story stands\n",
        "By the highest risk of any day, among all who ever had any. Who has risk and no finding is"
        "\none of several whom a finding may mean.\n",
        "| who | part in the story | findings | highest risk | place |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {who.person}, {'insider' if who.kind == 'insider' else 'innocent'}"
            f" | {', '.join(who.parts)} | {who.findings} | {who.risk:.1f} | {who.place or 'none'} |"
            for who in people
        ),
    ]
