"""Every shipped preset reads its own examples exactly, and says where its layout is published."""

from pathlib import Path

import pytest

from nightporter.config import preset_files, read_preset
from nightporter.sources.examples import differences

PRESETS = preset_files(None)
FILES = Path(__file__).parent / "presets"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_reads_its_examples(name: str, tmp_path: Path) -> None:
    path = PRESETS[name]
    assert differences(tmp_path, path, read_preset(path), FILES) == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_where_its_layout_is_published(name: str) -> None:
    assert read_preset(PRESETS[name]).layout.startswith("https://")
