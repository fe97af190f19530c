"""What a morning says of findings that name nobody for certain."""

from datetime import date, timedelta
from pathlib import Path

from reported import DAY, Site, finding

from nightporter import config
from nightporter.morning import morning
from nightporter.workspace import lake_of


def places(root: Path) -> list[tuple[str, list[str]]]:
    settings = config.load(root)
    said = morning(settings, lake_of(settings))
    return [(place["sentence"], place["candidates"]) for place in said["places"]]


def door(day: date, sentence: str, candidates: list[str] | None) -> dict[str, object]:
    return finding(
        day=day,
        sentence=sentence,
        user_id=None,
        candidates=candidates,
        finding_id=sentence,
        about='{"d":1}',
    )


def test_the_newest_sentence_stands_with_its_own_candidates(tmp_path: Path) -> None:
    site = Site(tmp_path)
    earlier = DAY - timedelta(days=2)
    site.scanned(door(earlier, "two inside", ["ana", "bo"]), day=earlier)
    site.scanned(door(DAY, "nobody inside", None))
    assert places(tmp_path) == [("nobody inside", [])]


def test_one_who_may_be_meant_is_a_person_and_no_place(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned(door(DAY, "one inside", ["ana"]), door(DAY, "two inside", ["ana", "bo"]))
    assert places(tmp_path) == [("two inside", ["ana", "bo"])]
