"""docs/log-sources.md lists every shipped preset under its source, with what nobody could check."""

import re
from pathlib import Path

import pytest

from nightporter.config import Preset, preset_files, read_preset

PAGE = (Path(__file__).parent.parent / "docs" / "log-sources.md").read_text("utf-8")
PRESETS = {name: read_preset(path) for name, path in preset_files(None).items()}
SECTIONS = {"access": "Access", "usb": "USB", "badge": "Doors"}


@pytest.mark.parametrize("source", SECTIONS)
def test_the_page_lists_the_presets_of_a_source(source: str) -> None:
    listed = re.findall(r"^\| `([\w-]+)` \|", _section(SECTIONS[source]), re.MULTILINE)
    assert listed == sorted(name for name, each in PRESETS.items() if each.source == source)


def test_the_page_repeats_what_could_not_be_verified() -> None:
    said = re.findall(r"^\* `([\w-]+)`: (.*)\.$", _section("Not verified"), re.MULTILINE)
    doubts = {name: each.unverified for name, each in PRESETS.items() if each.unverified}
    assert dict(said) == doubts


def _section(title: str) -> str:
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/log-sources.md has no section {title}"
    return found[1]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_proved_by_a_good_line_and_a_bad_one(name: str) -> None:
    examples = PRESETS[name].example
    assert any(each.events for each in examples)
    assert any(each.rejects for each in examples)


@pytest.mark.parametrize("name", [name for name, each in PRESETS.items() if each.only])
def test_a_preset_that_ignores_lines_shows_one(name: str) -> None:
    assert any(each.ignored for each in PRESETS[name].example)


@pytest.mark.parametrize("name", [name for name, each in PRESETS.items() if each.automated])
def test_a_preset_that_knows_machines_shows_one_and_a_person(name: str) -> None:
    assert _said(PRESETS[name]) == {True, False}


def _said(preset: Preset) -> set[object]:
    rows = [row for example in preset.example for row in example.events]
    return {row["automated"] for row in rows if "automated" in row}
