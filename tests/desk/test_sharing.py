"""The morning's list after verdicts, and what it says of people whose cases go elsewhere."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reported import DAY, TOML, Outline, Site, finding

from nightporter import config
from nightporter.desk import Act, read_acts, write_acts
from nightporter.looks import REST, RISEN, Look
from nightporter.morning import morning, seen_of
from nightporter.risk import rested
from nightporter.window import Window
from nightporter.workspace import lake_of

DESK = '[desk]\nwatchers_to = ["ida"]\n[desk.analysts]\nida = "u2"\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def said(site: Site) -> Any:
    settings = config.load(site.root)
    return morning(settings, lake_of(settings))


def listed(site: Site) -> list[str]:
    return [row["user_id"] for row in said(site)["ranking"]]


def verdict(site: Site, user: str = "ana", **more: Any) -> None:
    settings = config.load(site.root)
    lake = lake_of(settings)
    seen = seen_of(settings, lake, {"user_id": user, "days": []})
    known = {"day": seen.day, "risk": seen.risk, "kinds": seen.kinds, **more}
    act = Act("lena", "verdict", f"case-{user}", user, "authorised", **known)
    write_acts(lake, [act], read_acts(lake))


def test_who_was_reviewed_stands_back_and_is_named_with_the_day_of_return(site: Site) -> None:
    site.scanned(finding(), finding(finding_id="f2", user_id="bo"))
    verdict(site)
    assert listed(site) == ["bo"]
    assert said(site)["rested"] == [
        {"user_id": "ana", "case_id": "case-ana", "verdict": "authorised", "reviewed": DAY,
         "returns": DAY + REST}
    ]  # fmt: skip
    text = " ".join(" ".join(Outline(site.text()).texts).split())
    assert f"authorised on {DAY}, back from {DAY + REST}" in text


def test_what_waits_for_a_second_person_leaves_the_list_as_it_is(site: Site) -> None:
    site.scanned(finding())
    verdict(site, second=True)
    assert listed(site) == ["ana"]


@pytest.mark.parametrize(
    ("more", "back"),
    [
        ({"detector": "other", "level": "medium"}, True),
        ({"level": "high", "day": DAY + timedelta(days=1)}, True),
        ({"level": "medium", "day": DAY + timedelta(days=1)}, False),
    ],
    ids=["another detector", "a new high one", "a new medium one"],
)
def test_a_reviewed_person_returns_with_something_new(
    site: Site, more: dict[str, Any], back: bool
) -> None:
    site.scanned(finding())
    verdict(site)
    site.scanned(finding(finding_id="f9", **more), day=DAY + timedelta(days=1))
    assert listed(site) == (["ana"] if back else [])


def test_half_as_much_again_or_thirty_days_bring_somebody_back(site: Site) -> None:
    site.scanned(finding(level="medium"))
    lake = lake_of(config.load(site.root))
    bulk, enough = frozenset({"bulk"}), 99.0 / RISEN + 0.1
    for look, back in (
        (Look(DAY, enough, bulk), False),
        (Look(DAY, 99.0 / RISEN, bulk), True),
        (Look(DAY, 0.0, bulk), True),
        (Look(DAY - REST, enough, bulk), True),
        (Look(DAY - REST + timedelta(days=1), enough, bulk), False),
    ):
        assert rested(lake, Window(DAY, DAY), {"ana": look}) == ([] if back else ["ana"]), look


def test_a_later_verdict_changes_no_earlier_morning(site: Site) -> None:
    site.scanned(finding(), day=DAY)
    site.scanned(day=DAY + timedelta(days=1))
    verdict(site)
    settings = config.load(site.root)
    earlier = morning(settings, lake_of(settings), DAY)
    assert [row["user_id"] for row in earlier["ranking"]] == ["ana"]
    assert listed(site) == []


def test_watchers_are_counted_in_the_shared_morning_and_not_shown(site: Site) -> None:
    (site.root / "nightporter.toml").write_text(TOML + DESK)
    (site.root / "context" / "people.csv").write_text("user_id,watcher\nguard,true\nu2,false\n")
    both = {"user_id": None, "candidates": ["ana", "guard"], "title": "Two", "level": "medium"}
    site.scanned(
        finding(user_id="guard", sentence="SECRET one"),
        finding(finding_id="f2", user_id="u2", sentence="SECRET two"),
        finding(finding_id="f3", **both, sentence="SECRET three", about='{"door_id":"d"}'),
        finding(finding_id="f4", user_id="ana", sentence="ana took 9 files"),
        finding(finding_id="f5", user_id=None, candidates=["guard"], sentence="SECRET four"),
    )
    shared = said(site)
    assert [row["user_id"] for row in shared["ranking"]] == ["ana"]
    assert (shared["apart"], shared["levels"]) == (2, {"high": 4, "medium": 1})
    assert [place["candidates"] for place in shared["places"]] == [["ana", "somebody else"]]
    page = site.text()
    assert "2 people more would stand on the list" in page
    for hidden in ("SECRET", "guard"):
        assert hidden not in page and hidden not in repr(shared)
