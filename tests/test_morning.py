"""What a morning says of findings that name nobody for certain."""

from datetime import date, timedelta
from pathlib import Path

from reported import DAY, Site, finding, window

from nightporter import config
from nightporter.ledger import NEVER
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


def test_a_log_that_broke_off_long_ago_blinds_and_one_that_never_came_does_not(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    site.scanned(run="newest")
    before = [DAY - timedelta(days=ago) for ago in range(40, 0, -1)]
    site.holds(
        windows=[window(stage=stage, day=day) for stage in ("features", "bulk") for day in before]
    )
    dark = [(DAY - timedelta(days=ago), status) for ago, status in ((40, "done"), (39, "stale"))]
    dark += [(DAY - timedelta(days=ago), "not_evaluated") for ago in range(38, -1, -1)]
    told = [window(stage="broke_off", day=day, status=status) for day, status in dark]
    told += [window(stage="never_came", day=day, status="not_evaluated") for day, _ in dark[1:]]
    # What came before the first night was judged by nobody.
    told.append(window(stage="never_came", day=dark[0][0], status="stale", reason=NEVER))
    site.holds(windows=told)
    settings = config.load(tmp_path)
    newest = morning(settings, lake_of(settings))["newest"]
    assert (newest["detectors"], newest["blind"], newest["never"]) == (3, 1, 1)


def test_a_day_that_was_never_scanned_is_not_counted_as_judged(tmp_path: Path) -> None:
    site = Site(tmp_path)
    before = DAY - timedelta(days=2)
    site.scanned()
    late = {"day": DAY - timedelta(days=1), "reason": "late: 1"}
    site.holds(
        windows=[
            window(status="stale", day=before, reason=NEVER),
            window(status="stale", **late),
        ]
    )
    settings = config.load(tmp_path)
    unjudged = morning(settings, lake_of(settings))["unjudged"]
    assert [(row["reason"], row["days"], row["last_day"]) for row in unjudged] == [
        (NEVER, 1, before)
    ]
    assert '<td class="number">2 of 3</td>' in site.text()
