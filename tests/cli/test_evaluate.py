"""nightporter evaluate: what it refuses before it works, and what it prints."""

from pathlib import Path

import orjson
import pytest
from evaluate.test_results import measured

from nightporter.cli import evaluate as cli
from nightporter.cli.app import main
from nightporter.evaluate.results import Result, keep, kept


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *words])
    return int(str(ended.value.code or 0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "0"], "--seeds 0: at least 1"),
        (["--days", "120"], "leaves nothing to test after 120"),
        (["--profile", "wild"], "wild"),
        (["--workspace", "nowhere"], "nowhere"),
        (["--workspace", "nowhere", "--seeds", "2"], "nothing is invented for it"),
        (["--figures", "nowhere/figures.json"], "nowhere is no folder"),
        (["--cert", "nowhere"], "nowhere is no folder"),
        (["--cert", "nowhere", "--replay"], "--cert goes with --out and --json alone"),
    ],
    ids=[
        "seeds",
        "days",
        "profile",
        "workspace",
        "workspace and more",
        "figures",
        "cert",
        "cert and more",
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert typed(*words) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Measures nothing: notes what was asked for. One of its nights failed in part: 5."""
    seen: list[object] = []

    def seeds(chosen: list, options: object, out: Path, *_: object, **more: object) -> list[Result]:
        seen.extend([chosen, options])
        facts = {"profile": "noisy", "seed": 1, "seconds": 60.0, "mb": 1, "problems": ["disk \x1b"]}
        keep(out / "one", measured(), facts)
        result = kept(out / "one")
        return [result] if result else []

    monkeypatch.setattr(cli, "evaluate_seeds", seeds)
    monkeypatch.chdir(tmp_path)
    return seen


def test_seeds_and_profiles_alternate_and_the_first_is_replayed(asked: list) -> None:
    assert typed("--seeds", "2", "--replay", "--people", "150") == 5
    chosen, options = asked
    assert [(s.seed, s.profile, s.replay) for s in chosen] == [
        (1, "regular", True), (1, "noisy", False), (2, "regular", False), (2, "noisy", False),
    ]  # fmt: skip
    assert (options.people, options.days) == (150, 180)


def test_organisations_that_nothing_was_chosen_on_begin_at_another_seed(asked: list) -> None:
    assert typed("--seeds", "2", "--first-seed", "11", "--profile", "noisy", "--replay") == 5
    assert [(s.seed, s.replay) for s in asked[0]] == [(11, True), (12, False)]


def test_tables_are_data_and_talk_goes_elsewhere(
    asked: list, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed() == 5
    said = capsys.readouterr()
    for title in ("INSIDERS CAUGHT", "WHAT THE LISTS COST", "BESIDE OTHER METHODS", "TARGETS"):
        assert title in said.out
    assert "\x1b" not in said.out + said.err
    assert "a night said: disk \\x1b" in said.err
    assert "evaluation.html" in said.err


def test_figures_of_detectors_are_a_file_of_their_own(asked: list, tmp_path: Path) -> None:
    assert typed("--figures", "figures.json") == 5
    told = orjson.loads(Path("figures.json").read_bytes())
    assert told["detectors"]["loud"]["noisy"]["found"] == {"slow_ramp": 2}
    asked.clear()
    assert typed("--figures", "nowhere/figures.json") == 2
    assert not asked


def test_json_is_one_document(asked: list, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--json", "--out", "elsewhere") == 5
    (told,) = orjson.loads(capsys.readouterr().out)
    assert told["profile"] == "noisy"
    assert Path("elsewhere/evaluation.html").is_file()
