"""What findings.duckdb says of cases: the night's row, and what was said since."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
from reported import DAY, DETECTORS, Site, finding

from nightporter.config import load
from nightporter.desk import Act, casebook, read_acts, write_acts
from nightporter.publish import Known, publish
from nightporter.workspace import lake_of

KNOWN = Known(
    DETECTORS,
    pl.DataFrame(
        schema={
            "detector": pl.String,
            "knob": pl.String,
            "value": pl.Float64,
            "file_value": pl.Float64,
            "origin": pl.String,
            "reason": pl.String,
        }
    ),
    {},
)


def test_what_was_opened_again_is_open_before_a_night_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path)
    row = {"user_id": "ana", "opened": DAY, "last_day": DAY, "days": [], "status": "closed"}
    site.holds(cases=[{"case_id": name, **row, "closed": DAY} for name in ("hand", "itself")])
    lake = lake_of(load(tmp_path))
    said = [Act("lena", "status", "hand", "ana", word, day=DAY) for word in ("closed", "escalated")]
    write_acts(lake, said, [])
    found = {row["case_id"]: (row["triage"], row["closed"]) for row in casebook(lake)}
    assert found == {"hand": ("escalated", None), "itself": ("closed", DAY)}


def test_what_closed_by_itself_on_the_day_of_its_verdict_stays_closed(tmp_path: Path) -> None:
    """A case that was quiet for weeks closes on the very day on which somebody looked at it."""
    site = Site(tmp_path)
    row = {"user_id": "ana", "opened": DAY, "last_day": DAY, "days": [], "status": "closed"}
    site.holds(cases=[{"case_id": name, **row, "closed": DAY} for name in ("two", "one")])
    lake = lake_of(load(tmp_path))
    said = [Act("lena", "verdict", "two", "ana", "confirmed", "did it", second=True, day=DAY)]
    said = write_acts(lake, said, [])
    more = [
        Act("ida", "approve", "two", "ana", said[0].act_id, day=DAY),
        Act("lena", "verdict", "one", "ana", "authorised", "asked", day=DAY),
        Act("lena", "status", "one", "ana", "escalated", day=DAY),
    ]
    write_acts(lake, more, said)
    found = {row["case_id"]: (row["triage"], row["closed"]) for row in casebook(lake)}
    assert found == dict.fromkeys(("one", "two"), ("closed", DAY))


def test_the_published_cases_stand_as_they_were_said_last(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.scanned(finding())
    row = {"user_id": "ana", "opened": DAY, "last_day": DAY, "days": [], "status": "open"}
    site.holds(cases=[{"case_id": "c1", **row}, {"case_id": "c2", **row}])
    settings = load(tmp_path)
    lake = lake_of(settings)
    publish(settings, lake, KNOWN)
    said = [
        Act("lena", "assign", "c1", "ana", "ida", day=DAY),
        Act("lena", "verdict", "c1", "ana", "inconclusive", "asked", day=DAY),
        Act("lena", "verdict", "c2", "ana", "confirmed", "did it", second=True, day=DAY),
        Act("ida", "status", "c1", "ana", "closed", day=DAY),
    ]
    write_acts(lake, said, read_acts(lake), datetime(2026, 6, 30, 9, tzinfo=UTC))
    path = publish(settings, lake, KNOWN)
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            """SELECT case_id, status, triage, assignee, verdict, verdict_by, closed, reviewed,
                pending FROM cases ORDER BY case_id"""
        ).fetchall()
        acts = con.execute(
            "SELECT account, act, value, note FROM verdicts ORDER BY said_at"
        ).fetchall()
    assert rows == [
        ("c1", "open", "closed", "ida", "inconclusive", "lena", DAY, DAY, []),
        ("c2", "open", "new", None, None, None, None, None, ["verdict confirmed"]),
    ]
    assert acts[1] == ("lena", "verdict", "inconclusive", "asked")
    assert len(acts) == 4
