"""A quiet month: the site's own pack over people who do nothing wrong, beside the budget."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nightporter import nightly
from nightporter.cli import quiet as cli
from nightporter.cli.app import main
from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.evaluate import quiet as quiet_month
from nightporter.evaluate.options import Options
from nightporter.evaluate.quiet import Quiet, Said, quiet
from nightporter.evaluate.seeds import Seed
from nightporter.rules import Pack, read_pack
from nightporter.simulate.crowd import Crowd, write_crowd
from nightporter.window import Window
from nightporter.workspace import lake_of

OPTIONS = Options(people=40, days=15, insiders=0, warm_up=13, choose=0)
HEAD = """-- /// detector
-- title = "A test"
-- level = "LEVEL"
-- status = "test"
-- tags = ["attack.t1213"]
-- lookback = "0d"
-- says = "{user_id} was there"
-- ///
"""
PRESENT = """SELECT user_id, day FROM user_day
WHERE feature = 'downloads' AND x >= knob('least', 1);
"""


def own_pack(settings: Settings) -> Pack:
    return read_pack(Path(settings.root / path) for path in settings.packs.paths)


def invented(folder: Path, seed: Seed, options: Options) -> None:
    write_crowd(folder, Crowd(options.people, options.days, insiders=options.insiders))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Quiet, Path]:
    root = tmp_path_factory.mktemp("quiet")
    rules = root / "own" / "rules" / "misuse"
    rules.mkdir(parents=True)
    for name, level in (("chatty", "medium"), ("turned", "high"), ("below", "low")):
        (rules / f"{name}.sql").write_text(HEAD.replace("LEVEL", level) + PRESENT)
    said = {"packs": {"paths": ["rules"]}, "knobs": {"turned": {"least": 1e9}}}
    own = Settings.model_validate({"root": root / "own", **said})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quiet_month, "invent", invented)
        patch.setattr(nightly, "load_pack", own_pack)
        patch.setattr(nightly, "write_report", lambda *_, **__: None)
        found = quiet(root / "site", own, own_pack(own).detectors, OPTIONS, "regular")
    return found, root / "site"


def test_the_month_is_counted_and_the_days_before_it_are_not(month: tuple[Quiet, Path]) -> None:
    found, site = month
    lake = lake_of(quiet_month.config.load(site))
    findings = lake.read("findings", found.window).filter(pl.col("detector") == "chatty")
    said = found.said[0]
    assert found.window == Window(date(2026, 1, 14), date(2026, 1, 15))
    assert (said.detector, said.findings) == ("chatty", findings.height)
    assert 0 < said.people <= found.people <= 40
    assert said.rate == pytest.approx(1000 * findings.height / (found.people * len(found.window)))
    assert not found.problems


def test_knobs_are_the_sites_and_levels_below_medium_are_not_counted(
    month: tuple[Quiet, Path],
) -> None:
    said = {each.detector: each.findings for each in month[0].said}
    assert said.keys() == {"chatty", "turned"}
    assert said["turned"] == 0


def test_nobody_in_it_has_a_campaign(month: tuple[Quiet, Path]) -> None:
    assert quiet_month.read_truth(month[1]).campaigns.is_empty()


def test_a_month_without_a_day_is_refused(tmp_path: Path) -> None:
    none = Options(people=40, days=90, insiders=0, warm_up=90, choose=0)
    with pytest.raises(UsageError, match="at least one day"):
        quiet(tmp_path / "site", Settings(root=tmp_path), (), none, "regular")


def told(*rates: int, **more: tuple[str, ...]) -> Quiet:
    """A month of ten days and a hundred people: a finding is one a thousand people and day."""
    said = tuple(Said(f"d{n}", count, count, float(count)) for n, count in enumerate(rates))
    return Quiet(Window(date(2026, 4, 1), date(2026, 4, 10)), 100, said, **more)


def typed(patch: pytest.MonkeyPatch, folder: Path, found: Quiet, *words: str) -> int:
    def month(site: Path, *_: object) -> Quiet:
        site.mkdir()
        return found

    patch.chdir(folder)
    patch.setattr(cli, "month", month)
    with pytest.raises(SystemExit) as ended:
        main(["detectors", "quiet", *words])
    return int(str(ended.value.code or 0))


def test_what_is_over_budget_is_marked_and_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, tmp_path, told(4, 0, unjudged=("blind",))) == 3
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.endswith("OVER")] == ["d0", "all"]
    assert "judged no day of it: blind" in out
    assert list(tmp_path.iterdir()) == []


def test_a_quiet_pack_ends_with_0_and_its_folder_stays_where_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, tmp_path, told(0, 0), "--keep", "--json") == 0
    assert '"over": []' in capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("quiet-*/*")] == ["site"]


@pytest.mark.parametrize(
    ("rates", "over"),
    [((1,), ("d0",)), ((1, 1, 1), ("d0", "d1", "d2")), ((4,), ("d0", "all detectors"))],
    ids=["one", "three at the budget", "all"],
)
def test_one_detector_and_all_together_have_a_budget(
    rates: tuple[int, ...], over: tuple[str, ...]
) -> None:
    assert told(*rates).over == over
