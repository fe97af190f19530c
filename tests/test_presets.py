"""Every shipped preset reads its own examples exactly, and says where its layout is published."""

from pathlib import Path

import pytest

from nightporter.config import preset_files, read_preset
from nightporter.sources.examples import differences

PRESETS = preset_files(None)
FILES = Path(__file__).parent / "presets"
DOORS = """\
title = "Doors that write Latin 1"
source = "badge"
layout = "https://example.com/doors"
format = "csv"
encoding = "latin-1"
fields = { ts = "Zeit", door_id = "Tür", action = "Was" }
[[example]]
log = '''
Zeit,Tür,Was
2026-03-20T08:00:00Z,Südtor,granted
'''
events = [{ line = 2, door_id = "Südtor", action = "granted" }]
"""


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_reads_its_examples(name: str, tmp_path: Path) -> None:
    path = PRESETS[name]
    assert differences(tmp_path, path, read_preset(path), FILES) == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_where_its_layout_is_published(name: str) -> None:
    assert read_preset(PRESETS[name]).layout.startswith("https://")


def test_an_example_is_read_in_the_encoding_of_its_product(tmp_path: Path) -> None:
    path = tmp_path / "doors.toml"
    path.write_text(DOORS, "utf-8")
    assert differences(tmp_path, path, read_preset(path), tmp_path) == []
