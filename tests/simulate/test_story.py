"""The story is in the raw logs as the answer key says."""

import itertools
from collections import Counter
from datetime import date, datetime, timedelta

import polars as pl
from samples import LAST, SAMPLE, Row, context_rows, document_paths, label_of, log_lines

STORY = (SAMPLE / "STORY.md").read_text("utf-8")
# The three desks whose owners' passwords the quiet administrator watched.
WATCHED = {"HAV-PC-001": "hbrandis", "HAV-PC-011": "lmarwitz", "HAV-PC-018": "sthorn"}


def test_every_line_of_the_truth_is_by_the_person_it_names(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    cards = {row["badge_id"]: row["user_id"] for row in context_rows("badges")}
    for (campaign, source), rows in acts.items():
        for row in rows:
            who = cards.get(row["who"], row["who"]).removeprefix("adm-")
            # A door that moves without a card names nobody.
            expected = {row["person"], ""}
            if campaign == "quiet administrator" and source == "access":
                # With a watched password he is whom the desk belongs to, and at that desk only.
                expected.add(WATCHED.get(row["host"], ""))
            assert who in expected


def test_insiders_and_at_least_eight_look_alikes_are_in_the_truth(truth: pl.DataFrame) -> None:
    kinds = dict(truth.select("campaign", "kind").unique().iter_rows())
    assert Counter(kinds.values())["insider"] == 3
    assert Counter(kinds.values())["look_alike"] >= 8


def test_insiders_act_in_the_last_120_days_and_the_lesser_two_in_the_last_28(
    truth: pl.DataFrame,
) -> None:
    insiders = truth.filter(pl.col("kind") == "insider")
    first = dict(insiders.group_by("campaign").agg(pl.col("day").min()).iter_rows())
    assert first.pop("quiet administrator") == date(2026, 3, 2)
    assert min(first.values()) > LAST - timedelta(days=28)


def test_the_quiet_administrator_takes_a_thousand_documents_a_few_a_night(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    taken = _taken(acts)
    nights = Counter(row["day"] for row in taken)
    assert 900 <= len({row["doc"] for row in taken}) <= 1100
    assert max(nights.values()) <= 18
    assert len(nights) > 90
    labels = Counter(label_of(document_paths()[row["doc"]]) for row in taken)
    assert (labels["classified"], labels["confidential"]) == (6, 536)


def test_he_writes_every_one_of_them_to_three_disks_and_two_nights_of_it_are_in_no_line(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    usb = acts["quiet administrator", "usb"]
    written = {row["doc"] for row in usb if row["what"] == "geschrieben"}
    unseen = {row["doc"] for row in _taken(acts) if row["day"] in ("2026-05-05", "2026-05-06")}
    assert written == {row["doc"] for row in _taken(acts)} - unseen
    assert f"these {len(unseen)} documents" in STORY.replace("\n ", "")
    assert len({row["serial"] for row in usb}) == 3


def _taken(acts: dict[tuple[str, str], list[Row]]) -> list[Row]:
    """Return what he downloads under his own names."""
    rows = acts["quiet administrator", "access"]
    return [r for r in rows if r["what"] == "GET" and r["who"].endswith("avelten")]


def test_on_two_nights_an_office_opens_without_a_read(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    offices = [r for r in acts["quiet administrator", "badge"] if r["door"].startswith("H-OFF")]
    opened = {(r["day"], r["door"]) for r in offices if r["what"] == "Tür auf"}
    read = {(r["day"], r["door"]) for r in offices if r["what"] == "Eintritt"}
    assert len(opened - read) == 2
    assert len(opened & read) >= 3


def test_the_leaver_fills_a_stick_that_nobody_saw_before(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    downloads = Counter(r["day"] for r in acts["leaver", "access"] if r["what"] == "GET")
    assert len(downloads) == 2
    assert all(200 <= many <= 300 for many in downloads.values())
    usb = acts["leaver", "usb"]
    (serial,) = {row["serial"] for row in usb}
    first = min(row["at"] for row in usb)
    lines = [line for f in (SAMPLE / "logs/usb").iterdir() for line in log_lines(f)]
    assert not [line for line in lines if serial in line and line[:19] < first]
    assert sum(row["what"] == "geschrieben" for row in usb) > 0.8 * sum(downloads.values())


def test_the_old_card_opens_doors_after_it_was_replaced(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    old, new = (row for row in context_rows("badges") if row["user_id"] == "ukron")
    assert old["valid_to"] == new["valid_from"]
    reads = [row for row in acts["borrowed card", "badge"] if row["who"] == old["badge_id"]]
    assert min(row["at"] for row in reads) > old["valid_to"]
    assert {"H-ARC", "H-SRV"} <= {row["door"] for row in reads}


def test_the_old_and_the_new_card_are_read_minutes_apart_in_two_buildings(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    rows = sorted(acts["borrowed card", "badge"], key=lambda row: row["at"])
    gaps = [
        datetime.fromisoformat(two["at"]) - datetime.fromisoformat(one["at"])
        for one, two in itertools.pairwise(rows)
        if one["who"] != two["who"]
    ]
    assert sum(gap < timedelta(minutes=5) for gap in gaps) >= 2


def test_the_loaner_and_the_forgotten_card_never_meet_on_one_day(
    acts: dict[tuple[str, str], list[Row]],
) -> None:
    (day,) = {row["day"] for row in acts["forgotten card", "badge"]}
    assert {row["who"] for row in acts["forgotten card", "badge"]} == {"109001"}
    own = next(row["badge_id"] for row in context_rows("badges") if row["user_id"] == "wostrau")
    german = ".".join(reversed(day.split("-")))
    lines = log_lines(SAMPLE / "logs/badge/hav" / f"{day[:7]}.csv.gz")
    assert not [line for line in lines if line.startswith(german) and f";{own};" in line]
