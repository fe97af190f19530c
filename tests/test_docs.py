"""The docs name what there is: every table, column, key, command and detector."""

import re
import textwrap
from pathlib import Path

import pytest
from pydantic import BaseModel

from nightporter.cli.app import app
from nightporter.config import load, read_preset
from nightporter.config.settings import Settings
from nightporter.context.tables import TABLES as CONTEXT
from nightporter.features import FEATURES, KINDS
from nightporter.overview.catalogue import catalogue_page
from nightporter.overview.figures import read_figures
from nightporter.rules import read_pack
from nightporter.schema import SOURCES, TABLES
from nightporter.shipped import shipped
from nightporter.sources.examples import differences
from nightporter.sources.parsed import REASONS

ROOT = Path(__file__).parent.parent
COMMON = ("ts", "local_ts", "day", "site", "feed", "file_id", "line", "record_id", "app_action")


def section(title: str) -> str:
    text = (ROOT / "docs" / "tables.md").read_text("utf-8")
    found = re.search(rf"^###? {title}$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/tables.md has no section {title}"
    return found[1]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_lake_is_described(table: str) -> None:
    text = section(table) + (section("Events") if table in SOURCES else "")
    missing = [column for column in TABLES[table].columns if f"`{column}`" not in text]
    assert missing == []


def test_the_words_of_enumerations_are_those_of_the_schema() -> None:
    from nightporter.schema import WORDS

    for source, columns in WORDS.items():
        for column, words in columns.items():
            assert " ".join(words) in section(source), (source, column)


def test_every_reason_for_a_reject_is_listed() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", section("rejects"), re.MULTILINE)
    assert dict(listed) == REASONS


def test_features_and_kinds_are_listed() -> None:
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(feature.name for feature in FEATURES))
    kinds = ", ".join(f"`{kind.name}`" for kind in KINDS)
    assert f"Features: {names}." in _folded(section("user_day"))
    assert f"Kinds: {kinds}." in _folded(section("first_seen"))


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_every_context_column_is_listed() -> None:
    text = (ROOT / "docs" / "context.md").read_text("utf-8")
    for table, columns in CONTEXT.items():
        (row,) = re.findall(rf"^\| `{table}\.csv` \| (.*) \|$", text, re.MULTILINE)
        assert re.findall(r"`(\w+)`", row) == list(columns), table


def test_every_key_of_the_configuration_is_listed() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))
    assert listed == set(_keys()) | {"knobs.DETECTOR.KNOB"}


def _keys() -> list[str]:
    from nightporter.config import settings as s

    sections = {
        "workspace": s.WorkspaceSection, "site.NAME": s.Site, "feed": s.Feed,
        "context": s.ContextSection, "packs": s.PacksSection, "risk": s.RiskSection,
        "notify": s.NotifySection, "notify.route": s.Route,
        "desk": s.DeskSection, "names": s.NamesSection,
    }  # fmt: skip
    assert set(Settings.model_fields) == {
        "root",
        "knobs",
        "site",
        *(set(sections) - {"site.NAME", "notify.route"}),
    }
    return [f"{name}.{key}" for name, model in sections.items() for key in _named(model)]


def _named(model: type[BaseModel]) -> list[str]:
    return [field.alias or key for key, field in model.model_fields.items()]


def test_every_command_is_described() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for name in app:
        if not name.startswith("-"):
            assert f"## nightporter {name}" in text, name
            for option in _options(app[name]):
                assert f"`{option}`" in text.split(f"## nightporter {name}\n")[1].split("\n## ")[0]


def _options(command: object) -> list[str]:
    collection = command.assemble_argument_collection() if command.default_command else []
    return [arg.name for arg in collection if arg.name.startswith("--")]


def test_the_readme_lists_every_detector() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for detector in read_pack([shipped("detectors")]).detectors:
        assert f"| `{detector.tactic}/{detector.id}` |" in text


def test_the_catalogue_is_what_the_detector_files_say(update_golden: bool) -> None:
    page, figures = ROOT / "docs" / "catalogue.md", read_figures(ROOT / "docs" / "figures.json")
    wanted = catalogue_page(read_pack([shipped("detectors")]).detectors, figures)
    if update_golden:
        page.write_text(wanted, "utf-8")
    assert page.read_text("utf-8") == wanted, "make docs writes it anew"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_preset_of_the_walk_through_reads_its_own_example(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "add-a-log-source.md").read_text("utf-8")
    walk = text.split("## A preset for your own product\n")[1].split("\n## ")[0]
    *parts, feed = [
        textwrap.dedent(block) for block in re.findall(r" +```toml\n(.*?)```", walk, re.S)
    ]
    (tmp_path / "presets").mkdir()
    path = tmp_path / "presets" / "till.toml"
    path.write_text("\n".join(parts), "utf-8")
    assert differences(tmp_path, path, read_preset(path), path.parent) == []
    (tmp_path / "nightporter.toml").write_text(f'[site.MAIN]\nzone = "UTC"\n{feed}', "utf-8")
    assert load(tmp_path).feed[0].values == {"action": {"OPEN": "view", "SYNC": "sync"}}
