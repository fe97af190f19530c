"""CERT r4.2 from end to end, over rows of our own in its layout."""

import contextlib
import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from workspaces import asked

from nightporter.cli.app import main
from nightporter.cli.cert import print_cert
from nightporter.evaluate.cert import CertRun, evaluate_cert
from nightporter.evaluate.truth import read_truth
from tests.evaluate.cert_like import (
    BROKEN,
    HOSTILE_FILES,
    HOSTILE_NAME,
    INSIDERS,
    SHARED_PC,
    SUPERVISOR,
    WINDOWS,
    Company,
    write_cert,
)


@dataclass(frozen=True)
class Measured:
    """One run of the command: what it printed as JSON, and what it rests on."""

    company: Company
    folder: Path
    root: Path
    run: CertRun
    said: dict[str, Any]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    company, runs, text = Company(), list[CertRun](), io.StringIO()
    # A pattern, a quote and a space in the name of the folder must do no harm.
    folder = tmp_path_factory.mktemp("cert") / 'r4.2 [a] "b"'
    root = folder.parent / "out" / "cert"
    write_cert(folder, company)

    def noted(*args: Any, **more: Any) -> CertRun:
        runs.append(evaluate_cert(*args, **more))
        return runs[-1]

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(text):
        patch.setattr("nightporter.cli.cert.evaluate_cert", noted)
        with pytest.raises(SystemExit) as ended:
            main(["evaluate", "--cert", str(folder), "--out", str(root.parent), "--json"])
    assert ended.value.code == 0
    return Measured(company, folder, root, runs[0], json.loads(text.getvalue()))


def context(measured: Measured, name: str) -> dict[str, dict[str, str]]:
    with (measured.root / "context" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


def test_every_line_is_an_event_or_a_reject(measured: Measured) -> None:
    loaded = {load.feed: load for load in measured.run.loads}
    for log, rows in measured.company.logs.items():
        load = loaded[log]
        assert (load.accepted, load.rejected) == (len(rows), BROKEN[log])
        assert load.lines == len(rows) + BROKEN[log]
        stored = asked(
            measured.root,
            f"SELECT record_id FROM access WHERE feed = '{log}' UNION ALL"
            f" SELECT record_id FROM usb WHERE feed = '{log}'",
        )
        assert sorted(stored) == sorted((row[0],) for _, row in rows)


def test_each_deed_of_the_answers_is_an_event_of_the_lake_on_that_day(measured: Measured) -> None:
    deeds = pl.read_parquet(measured.root / "truth" / "events.parquet")
    stored = asked(
        measured.root,
        "SELECT feed, record_id, 'access', ts, day FROM access UNION ALL"
        " SELECT feed, record_id, 'usb', ts, day FROM usb",
    )
    told = deeds.select("feed", "record_id", "source", "ts", "day").rows()
    assert len(set(told)) == len(told) == sum(
        row[0] in ("logon", "device", "file") for rows in measured.company.deeds.values()
        for row in rows
    )  # fmt: skip
    assert set(told) <= {(f, r, s, ts.replace(tzinfo=told[0][3].tzinfo), d)
                         for f, r, s, ts, d in stored}  # fmt: skip
    # A deed at half past one belongs to the evening before.
    assert deeds.filter(
        pl.col("ts").dt.hour() < 5, pl.col("day") >= pl.col("ts").dt.date()
    ).is_empty()


def test_the_campaigns_are_those_of_the_answers(measured: Measured) -> None:
    with (measured.root / "truth" / "campaigns.csv").open(encoding="utf-8") as file:
        rows = {row["campaign"][-1]: row for row in csv.DictReader(file)}
    copies = {
        s: sum(row[0] == "file" for row in deeds) for s, deeds in measured.company.deeds.items()
    }
    assert copies["3"] == 1
    for scenario, who in INSIDERS.items():
        first, last = WINDOWS[scenario]
        assert rows.pop(scenario) == {
            "campaign_id": f"r4.2-{scenario}-{who}", "campaign": f"cert-r4.2-scenario-{scenario}",
            "kind": "insider", "user_id": who, "first_day": str(first), "last_day": str(last),
            # What scenario 3 copies is a key logger, and no document.
            "documents": str(copies[scenario] if scenario != "3" else 0),
        }  # fmt: skip
    assert not rows


def test_the_truth_is_one_that_evaluate_reads(measured: Measured) -> None:
    truth = read_truth(measured.root)
    assert truth.events.height == measured.run.truth.events.height
    assert_frame_equal(truth.campaigns, measured.run.truth.campaigns)


def test_a_deed_under_another_account_is_still_the_insiders(measured: Measured) -> None:
    deeds = pl.read_parquet(measured.root / "truth" / "events.parquet")
    third = deeds.filter(pl.col("campaign_id") == f"r4.2-3-{INSIDERS['3']}")
    assert set(third["user_id"]) == {INSIDERS["3"]}
    accounts = asked(
        measured.root,
        f"SELECT DISTINCT account FROM access WHERE record_id IN {tuple(third['record_id'])}",
    )
    assert set(accounts) == {(INSIDERS["3"],), (SUPERVISOR,)}


def test_who_leaks_by_night_and_who_takes_more_and_more_are_listed(measured: Measured) -> None:
    listed = {row["campaign"][-1]: row["listed"] for row in measured.said["scenarios"]}
    assert listed["1"] == listed["2"] == {"1": 1, "3": 1, "5": 1, "10": 1}
    for row in measured.said["insiders"]:
        if row["first_listed"]["1"]:
            assert row["first_day"] <= row["first_listed"]["1"]
            assert 0 < row["gone"]["1"] < row["documents"]
    assert measured.said["unread"] == {"email": 1, "http": 1}
    assert (measured.said["unseen"], measured.said["unscored"]) == (0, 0)
    # 90 days of warm-up after the first of the logs.
    assert measured.said["first_day"] == "2010-04-04"


def test_people_stand_where_ldap_first_names_them(measured: Measured) -> None:
    people = context(measured, "people")
    assert people["AAA0009"]["name"] == HOSTILE_NAME
    assert people["AAA0001"]["manager"] == ""
    assert {row["manager"] for row in people.values()} == {"", SUPERVISOR}
    assert [people[who]["privileged"] for who in ("AAA0003", "AAA0004")] == ["true", "false"]
    assert [people[who]["joined"] for who in ("AAA0029", "AAA0030")] == ["", "2010-02-01"]
    # Whoever knew that all insiders leave, and when, would have found them already.
    assert "left" not in people[INSIDERS["1"]]
    assert measured.run.settings.risk.factors is False


def test_a_machine_belongs_to_whom_most_of_its_days_belong(measured: Measured) -> None:
    hosts = context(measured, "hosts")
    assert hosts["pc-0001"]["owner"] == SUPERVISOR
    assert SHARED_PC.lower() not in hosts
    assert len(hosts) == 30


def test_hostile_names_of_files_are_kept_and_harm_no_terminal(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name for (name,) in asked(measured.root, "SELECT DISTINCT resource FROM usb")}
    assert set(HOSTILE_FILES) <= kept
    print_cert(measured.run)
    printed = capsys.readouterr().out
    assert "cert-r4.2-scenario-2" in printed and f"r4.2-1-{INSIDERS['1']}" in printed
    assert all(letter == "\n" or letter.isprintable() for letter in printed)


def test_every_day_of_the_logs_is_judged(measured: Measured) -> None:
    (judged,) = asked(
        measured.root,
        "SELECT min(day), max(day) FROM windows WHERE stage = 'features' AND status = 'done'",
    )
    assert judged == (date(2010, 1, 4), date(2010, 6, 2))
