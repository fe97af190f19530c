"""A pack holds what can run, and one error for each file that cannot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightporter.config import load
from nightporter.errors import ConfigError, DetectorError
from nightporter.rules import Sheet, load_pack, pack, read_pack
from nightporter.shipped import shipped

GOOD = "SELECT user_id, day FROM user_day WHERE x > knob('least', 3)\n"
Place = Callable[..., Path]


@pytest.fixture
def place(tmp_path: Path, sheet: Callable[..., Sheet]) -> Place:
    """Return a function that puts a detector file below a folder of the test."""

    def put(path: str, sql: str = GOOD) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sheet(sql).text)
        return file

    return put


def test_a_broken_file_does_not_hide_the_others(place: Place, tmp_path: Path) -> None:
    place("misuse/good.sql")
    broken = place("misuse/broken.sql", "DROP TABLE access")
    pack = read_pack([tmp_path])
    assert [detector.id for detector in pack.detectors] == ["good"]
    assert [error.path for error in pack.errors] == [broken]
    assert pack["good"].tactic == "misuse"
    with pytest.raises(DetectorError, match="one SELECT"):
        pack["broken"]
    with pytest.raises(DetectorError, match="no detector is called 'god'"):
        pack["god"]


def test_a_file_that_nobody_thought_of_does_not_hide_the_others(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place("misuse/good.sql")
    odd = tmp_path / "misuse" / "odd.yml"
    odd.touch()
    monkeypatch.setattr(pack, "read_sigma", lambda path: [][0])
    read = read_pack([tmp_path])
    assert [detector.id for detector in read.detectors] == ["good"]
    assert [(error.path, error.message[:11]) for error in read.errors] == [(odd, "IndexError:")]


def test_two_files_of_one_id_are_an_error_that_names_both(place: Place, tmp_path: Path) -> None:
    first, second = place("a/misuse/same.sql"), place("b/presence/same.sql")
    pack = read_pack([tmp_path / "a", tmp_path / "b"])
    assert [detector.path for detector in pack.detectors] == [first]
    assert pack.errors[0].path == second
    assert str(first) in str(pack.errors[0])


def test_a_folder_given_twice_is_read_once(place: Place, tmp_path: Path) -> None:
    place("misuse/good.sql")
    pack = read_pack([tmp_path, tmp_path / "misuse" / ".."])
    assert len(pack.detectors) == 1
    assert pack.errors == ()


def workspace(tmp_path: Path, text: str) -> Path:
    (tmp_path / "nightporter.toml").write_text(text)
    return tmp_path


def test_a_site_adds_its_own_detectors(place: Place, tmp_path: Path) -> None:
    place("detectors/misuse/own.sql")
    settings = load(workspace(tmp_path, '[packs]\npaths = ["detectors"]\n[knobs.own]\nleast = 4\n'))
    ids = [detector.id for detector in load_pack(settings).detectors]
    assert "own" in ids
    assert len(ids) == 1 + len(read_pack([shipped("detectors")]).detectors)


def test_a_site_switches_detectors_off(tmp_path: Path) -> None:
    pack = load_pack(load(workspace(tmp_path, '[packs]\noff = ["brief_visits"]\n')))
    assert [detector.id for detector in pack.off] == ["brief_visits"]
    assert pack.off[0] not in pack.detectors
    assert pack.known == read_pack([shipped("detectors")]).detectors
    assert pack["brief_visits"] is pack.off[0]


FAULTS = {
    "no such detector to switch off": (
        '[packs]\npaths = []\noff = ["odd_hour_logon", "brief_visit"]\n',
        "no detector is called 'brief_visit'\n(.*\n)*.*did you mean brief_visits", 3,
    ),
    "no such folder": ('[packs]\npaths = ["mine"]\n', "there is no folder", 2),
    "no such detector": ("[knobs.onw]\nleast = 4\n", "no detector is called 'onw'", 1),
    "no such knob": (
        "[knobs.off_hours_bulk_download]\nmin_file = 4\n", "has no knob 'min_file'", 2,
    ),
    "a knob below nothing": (
        "[knobs.bulk_download]\nmin_days = 3\nmin_files = -4\n",
        "min_files of bulk_download is no number below 0", 3,
    ),
    "a knob in quotes": (
        '[knobs.bulk_download]\nmin_files = "4"\n', "min_files: a number is expected", 2,
    ),
    "a knob that is no number": (
        "[knobs.bulk_download]\nmin_files = nan\n", "min_files: a number is expected", 2,
    ),
    "a knob that is a switch": (
        "[knobs.bulk_download]\nmin_files = true\n", "min_files: a number is expected", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "line"), FAULTS.values(), ids=FAULTS)
def test_what_the_configuration_gets_wrong_is_shown_at_its_line(
    tmp_path: Path, text: str, message: str, line: int
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_pack(load(workspace(tmp_path, text)))
    assert caught.value.line == line


def test_a_detector_whose_knob_is_below_nothing_may_be_turned_so(
    place: Place, tmp_path: Path
) -> None:
    place("detectors/misuse/own.sql", GOOD.replace("3", "-3"))
    settings = load(
        workspace(tmp_path, '[packs]\npaths = ["detectors"]\n[knobs.own]\nleast = -4\n')
    )
    assert "own" in [detector.id for detector in load_pack(settings).detectors]


def test_of_many_detectors_the_nearest_are_named() -> None:
    with pytest.raises(DetectorError, match="did you mean bulk_download") as caught:
        read_pack([shipped("detectors")])["bulk_downlod"]
    hint = str(caught.value.hint)
    assert "off_hours_bulk_download" in hint
    assert "exit_without_entry" not in hint
