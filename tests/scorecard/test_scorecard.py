"""What a small house's detectors did at the desk, and which value of a knob says less."""

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from reported import Outline
from small import House

from nightporter import config
from nightporter.cli.app import main
from nightporter.cli.scorecard import _suggested
from nightporter.desk import Act, analysts, read_acts, reader_of, write_acts
from nightporter.intervals import wilson
from nightporter.lake import Lake
from nightporter.proof.backtest import Trial
from nightporter.rules import read_pack
from nightporter.schema import TABLES
from nightporter.scorecard import scorecard, tuning
from nightporter.scorecard.tuning import Suggestion, suggest
from nightporter.window import Window
from nightporter.workspace import lake_of

MANY = """\
SELECT user_id, day, count(*) AS files, list(event ORDER BY event) AS events
FROM access WHERE action IN ('copy', 'download') GROUP BY user_id, day
HAVING count(*) >= knob('min_files', 4);
"""
DAYS = Window(date(2026, 3, 2), date(2026, 3, 6))
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = DAYS
MORNING = datetime(2026, 3, 7, 8, tzinfo=UTC)
EVE = "account:eve\x1b[31m"


def said(user: str, word: str, *days: date, **more: Any) -> Act:
    fields = {"kinds": ("many",), "days": days, "day": FRIDAY, **more}
    return Act("lena", "verdict", f"case-{user}", user, word, "asked", **fields)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Ana copies 4 files on Monday, 5 on Tuesday and 9 on Wednesday, Bo 8 and Eve 9 on Thursday;
    no door log on Friday."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nightporter.nightly.finish", lambda *_: [])  # no page is looked at here
        house = House(tmp_path_factory.mktemp("house"), patch)
        (house.root / "own" / "misuse" / "odd.sql").unlink()
        house.rule("many", MANY, "{user_id} took {files} files")
        house.days(DAYS)
        (house.root / "logs" / f"doors-{FRIDAY}.csv").unlink()
        for user, day, files in (
            ("ana", MONDAY, 4), ("ana", TUESDAY, 5), ("ana", WEDNESDAY, 9), ("bo", THURSDAY, 8),
        ):  # fmt: skip
            house.files(f"{user}-{day}", *[f"{day} 11:{n:02} {user} copy" for n in range(files)])
        (house.root / "logs" / "files-eve.csv").write_text(
            "time,who,what\n" + f"{THURSDAY} 13:00:00,{EVE.partition(':')[2]},copy\n" * 9
        )
        assert house.night("2026-03-07").exit_code == 0
    return house


@pytest.fixture
def judging(house: House) -> Any:
    """Write verdicts into the house; they are gone after the test."""
    settings = config.load(house.root)
    lake = lake_of(settings)

    def judge(*acts: Act) -> tuple[Any, Any]:
        write_acts(lake, acts, read_acts(lake), MORNING)
        pack = read_pack([house.root / "own"])
        return pack, scorecard(lake, pack, 30, reader_of(settings, {}, "lena"))

    yield judge
    lake.delete("verdicts", "true")


def test_its_figures_are_those_of_its_findings_and_verdicts(judging: Any) -> None:
    _, card = judging(
        said("ana", "authorised", MONDAY, TUESDAY, WEDNESDAY),
        said("bo", "confirmed", THURSDAY),
        said(EVE, "data_error", THURSDAY),
    )
    rows = {row["detector"]: row for row in card.rows}
    many = rows["many"]
    assert (many["findings"], many["people"], many["suppressed"]) == (5, 3, 0)
    assert card.people == 3
    assert many["rate"] == pytest.approx(5 * 1000 / (3 * 5))
    assert many["loudest"] == {"user_id": "ana", "findings": 3}
    assert (many["cases"], many["decided"], many["precision"]) == (3, 2, 0.5)
    assert (many["precision_low"], many["precision_high"]) == wilson(1, 2)
    assert many["shares"]["data_error"] == pytest.approx(1 / 3)
    assert many["verdicts"]["authorised"] == 1
    assert (many["advice"], many["because"]) == ("too few verdicts", ("2 of 5 cases decided",))
    assert many["unjudged"] == 0 and many["ms"] > 0
    # It stands on the doors, too, of which Friday has none.
    assert (rows["unseen"]["unjudged"], rows["unseen"]["judged"]) == (1, 4)
    assert (rows["unseen"]["cases"], rows["unseen"]["precision"]) == (0, None)


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ([said("ana", "false_positive", MONDAY)], "nothing of it was ever confirmed"),
        ([said("bo", "confirmed", THURSDAY, second=True)], "nothing of it was ever confirmed"),
        ([said("bo", "confirmed", THURSDAY)], "nothing of it was judged false or authorised"),
        (
            [said("bo", "false_positive", THURSDAY), said("ana", "confirmed", MONDAY, WEDNESDAY)],
            "no value that was tried silences what was judged false",
        ),
    ],
    ids=["nothing confirmed", "it waits for another", "nothing false", "the false one is larger"],
)
def test_nothing_is_suggested_that_would_lose_what_was_confirmed(
    house: House, judging: Any, monkeypatch: pytest.MonkeyPatch, acts: list[Act], why: str
) -> None:
    monkeypatch.setattr(tuning, "backtest", counted)
    pack, card = judging(*acts)
    settings = config.load(house.root)
    tried = suggest(settings, lake_of(settings), pack, pack["many"], card.judged)
    assert tried.knob is None
    assert tried.why and tried.why.startswith(why)


def test_a_rule_that_lost_what_was_confirmed_is_not_turned_further(
    house: House, judging: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "backtest", counted)
    pack, card = judging(said("ana", "confirmed", MONDAY), said("bo", "false_positive", THURSDAY))
    settings = config.load(house.root)
    settings = settings.model_copy(update={"knobs": {"many": {"min_files": 5.0}}})
    tried = suggest(settings, lake_of(settings), pack, pack["many"], card.judged)
    assert tried.why == "1 of 1 confirmed findings do not fire as it stands now"


def test_what_was_confirmed_and_is_withdrawn_since_counts_no_case_and_forbids_every_value(
    house: House, judging: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that was turned and lost it, and days that were scanned again by that."""
    monkeypatch.setattr(tuning, "backtest", counted)
    settings = config.load(house.root)
    settings = settings.model_copy(update={"knobs": {"many": {"min_files": 5.0}}})
    lake = lake_of(settings)
    kept = lake.read("findings", [MONDAY])
    lake.replace_days(
        "findings", kept.with_columns(status=pl.lit("withdrawn")), Window(MONDAY, MONDAY)
    )
    pack, card = judging(
        said("ana", "confirmed", MONDAY),
        said("bo", "confirmed", THURSDAY),
        said(EVE, "false_positive", THURSDAY),
    )
    lake.replace_days("findings", kept, Window(MONDAY, MONDAY))
    assert {row["detector"]: row["verdicts"]["confirmed"] for row in card.rows}["many"] == 1
    tried = suggest(settings, lake, pack, pack["many"], card.judged)
    assert tried.why == "1 of 2 confirmed findings do not fire as it stands now"


def test_of_equal_values_the_nearest_is_suggested_and_none_that_says_more(
    house: House, judging: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        tuning, "backtest", lambda *words: (asked.append((words[4], words[6])), counted(*words))[1]
    )
    pack, card = judging(
        said("ana", "false_positive", MONDAY, TUESDAY), said("bo", "confirmed", THURSDAY)
    )
    settings = config.load(house.root)
    tried = suggest(settings, lake_of(settings), pack, pack["many"], card.judged)
    assert (tried.value, tried.false_then) == (6.0, 0)
    ((window, turned),) = asked
    assert window == Window(MONDAY, THURSDAY)
    values = [knobs.get("min_files") for knobs in turned]
    assert values == [None, 2.0, 3.0, 5.0, 6.0, 8.0, 12.0]


def test_what_is_tried_is_what_is_printed() -> None:
    values = [value for _, value in tuning._values({"share": 0.1, "least": 80.0})]
    assert [float(f"{value:.15g}") for value in values] == values
    assert 0.3 in values and 120.0 in values


def test_a_value_that_says_something_new_is_none() -> None:
    known = tuning._Known(frozenset("t"), frozenset("f"))
    fired = [frozenset("tf"), frozenset("tn"), frozenset("t")]
    asked = [("a", 2.0), ("b", 3.0)]
    none = Suggestion("d", confirmed=1, judged_false=1)
    assert tuning._best(none, {"a": 1.0, "b": 1.0}, asked, fired, known).knob == "b"
    assert tuning._best(none, {"a": 1.0}, asked[:1], fired[:2], known).knob is None


def counted(
    settings: Any, lake: Lake, pack: Any, detectors: Any, window: Window, step: Any, turned: Any
) -> list[Trial]:
    """What the SELECT would say of the days, counted from what the night said of them."""
    findings = lake.read("findings", window).filter(pl.col("detector") == "many")
    files = pl.col("columns").str.extract(r'"files":(\d+)').cast(pl.Int64)
    site = settings.knobs.get("many", {})
    return [
        Trial(
            detector,
            window,
            findings.filter(files >= {"min_files": 4, **site, **knobs}["min_files"]),
        )
        for detector, knobs in zip(detectors, turned, strict=True)
    ]


@pytest.fixture
def noisy(house: House, judging: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days of ana were judged false, one of bo was confirmed: enough for advice to tune."""
    judging(
        said("ana", "false_positive", MONDAY, TUESDAY, WEDNESDAY),
        said("bo", "confirmed", THURSDAY),
    )
    monkeypatch.setattr("nightporter.cli.scorecard.load_pack", house.pack)
    monkeypatch.setattr("nightporter.scorecard.advice.LEAST_CASES", 2)
    monkeypatch.setattr("nightporter.scorecard.advice.TUNE_BELOW", 1.0)


def test_the_command_says_it_all_and_moves_no_cursor(
    house: House, noisy: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tuning, "backtest", counted)
    page = house.root / "scorecard.html"
    options = (("--html", str(page)), ("--suggest", "--json"))
    printed = [typed(house, capsys, *words) for words in options]
    plain, told = printed[0], json.loads(printed[1])
    assert "2026-03-02 to 2026-03-06, 5 days, 3 people" in plain
    assert "1 of 2 cases decided were confirmed" in plain
    assert "most about ana: 3 of 5" in plain
    assert "not evaluated on 1 of 5 days" in plain
    assert "KNOBS" not in plain
    outline = Outline(page.read_text("utf-8"))
    texts = " ".join(" ".join(outline.texts).split())
    assert "misuse/many 5 3 333.33 0 1 0 1 0 50 % (9 to 91 %) 5 of 5" in texts
    assert outline.count("script") == 0 and "ana" not in texts.split()
    assert "\x1b" not in "".join(printed)
    # 6 and 8 both silence Monday and Tuesday and keep Bo's 8; 12 would lose him.
    assert told["suggestions"] == [
        {"detector": "many", "why": None, "knob": "min_files", "was": 4.0, "value": 6.0,
         "tried": 6, "confirmed": 1, "judged_false": 3, "false_now": 3, "false_then": 1,
         "findings_now": 5, "findings_then": 3}
    ]  # fmt: skip
    assert {row["detector"]: row["advice"] for row in told["detectors"]}["many"] == "tune"
    assert list(_suggested(Suggestion(**told["suggestions"][0]))) == [
        "  many: of 3 findings judged false 2 would be gone, all 1 confirmed still fire;"
        " 5 -> 3 in all; 6 values tried",
        "      [knobs.many]",
        "      min_files = 6    # now 4",
    ]


def test_the_command_tries_values_with_the_detector_s_own_sql_and_stores_nothing(
    house: House, noisy: None, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = lake_of(config.load(house.root))
    before = {table: lake.version(table) for table in TABLES}
    _, _, knobs = typed(house, capsys, "--suggest").partition("\nKNOBS")
    assert knobs.splitlines()[1:] == [
        "  many: of 3 findings judged false 2 would be gone, all 1 confirmed still fire;"
        " 5 -> 3 in all; 6 values tried",
        "      [knobs.many]",
        "      min_files = 6    # now 4",
    ]
    assert {table: lake.version(table) for table in TABLES} == before
    assert list((house.root / "cache").glob("backtest-*")) == []


def typed(house: House, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["detectors", "scorecard", "--workspace", str(house.root), *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_nobody_is_named_whose_case_goes_elsewhere(
    house: House, judging: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judging()
    monkeypatch.setattr("nightporter.cli.scorecard.load_pack", house.pack)
    monkeypatch.setattr(analysts, "machine_account", lambda: "ana")
    assert "most about somebody who is not for you: 3 of 5" in typed(house, capsys)
