"""What is no CERT r4.2 is told so, with what it is instead and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nightporter.errors import NightporterError
from nightporter.evaluate.cert import evaluate_cert
from nightporter.evaluate.cert.answers import answers
from nightporter.evaluate.cert.layout import dataset
from nightporter.evaluate.cert.people import people
from nightporter.evaluate.cert.workspace import write_workspace
from tests.evaluate.cert_like import INSIDERS, Company, write_cert, write_rows

LDAP = "employee_name,user_id,email,role,business_unit,functional_unit,department,team,supervisor"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cert") / "r4.2"
    write_cert(folder, Company())
    return folder


@pytest.fixture
def cert(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "r4.2"))


def first_line(path: Path, line: str) -> None:
    path.write_text("\n".join([line, *path.read_text("utf-8").split("\n")[1:]]), "utf-8")


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _packed(cert: Path) -> None:
    shutil.rmtree(cert)
    cert.mkdir()
    (cert / "r4.2.tar.bz2").touch()


def _later(cert: Path) -> None:
    first_line(cert / "device.csv", "id,date,user,pc,file_tree,activity")


def _later_file(cert: Path) -> None:
    head = "id,date,user,pc,filename,activity,to_removable_media,from_removable_media,content"
    first_line(cert / "file.csv", head)


def _earlier_ldap(cert: Path) -> None:
    first_line(cert / "LDAP" / "2010-01.csv", "employee_name,user_id,Domain,Email,Role")


def _people_of_r41(cert: Path) -> None:
    for who in INSIDERS.values():
        replaced(cert / "answers" / "insiders.csv", f",{who},", f",{who}X,")
    replaced(
        cert / "answers" / "insiders.csv", "3.1,1,r3.1-1.csv,ZZZ0001", "4.1,1,r4.1-1.csv,AAA0004"
    )


def _no_answers_for_it(cert: Path) -> None:
    replaced(cert / "answers" / "insiders.csv", "\n4.2,", "\n5.2,")


SPOILT: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "logs missing": (lambda c: (c / "device.csv").unlink(), "lacks device.csv", "logon.csv"),
    "no months": (lambda c: shutil.rmtree(c / "LDAP"), "lacks LDAP/", "it holds: answers/"),
    "no answers": (lambda c: shutil.rmtree(c / "answers"), "lacks answers/insiders.csv", "LDAP/"),
    "packed": (_packed, "lacks logon.csv, device.csv, file.csv", "unpack r4.2.tar.bz2 first"),
    "r5 devices": (_later, "device.csv has the columns of r5 and r6", "cert-r6-"),
    "r6 files": (_later_file, "file.csv has the columns of r5 and r6", "r4.2 is read"),
    "r3 logons": (lambda c: first_line(c / "logon.csv", "id,when,user"), "not the columns of r4.2",
                  "expected: id,date,user,pc,activity"),
    "r1 people": (_earlier_ldap, "no column role", "supervisor"),
    "r4.1 people": (_people_of_r41, "names no insider of r4.2", "insiders of r4.1"),
    "other answers": (_no_answers_for_it, "it names no insider of r4.2", "3.1, 5.2"),
    "no month": (lambda c: (c / "LDAP" / "2010-13.csv").touch(), "no month is called so",
                 "2010-01"),
    "half the answers": (lambda c: shutil.rmtree(c / "answers" / "r4.2-2"),
                         f"r4.2-2-{INSIDERS['2']}.csv is missing", "answers.tar.bz2"),
    "a stamp that is none": (
        lambda c: replaced(c / "answers" / "insiders.csv", "05/03/2010 09", "May 2010 09"),
        "no insider is described so", "insiders.csv:3: "),
    "an end before its start": (
        lambda c: replaced(c / "answers" / "insiders.csv", "05/06/2010", "05/01/2010"),
        "no insider is described so", "start before end"),
    "a path out of the answers": (
        lambda c: replaced(c / "answers" / "insiders.csv", "r4.2-1-", "../../r4.2-1-"),
        "no insider is described so", "a file of its own"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_is_no_r42_is_told_so(cert: Path, spoil: str) -> None:
    change, message, hint = SPOILT[spoil]
    change(cert)
    with pytest.raises(NightporterError) as raised:
        evaluate_cert(cert, cert.parent / "out")
    assert message in str(raised.value)
    assert hint in str(raised.value)
    assert raised.value.hint
    assert not (cert.parent / "out").exists()


@pytest.mark.parametrize(
    "row", ["printer,{A1},05/03/2010 09:00:00,AAA0007,PC-1", "logon,{A1}", "logon,{A1},today,a,b"]
)
def test_a_row_of_the_answers_that_is_none_is_shown_with_its_place(cert: Path, row: str) -> None:
    path = cert / "answers" / "r4.2-1" / f"r4.2-1-{INSIDERS['1']}.csv"
    path.write_text(f"\n{row}\n{path.read_text('utf-8')}", "utf-8")
    with pytest.raises(NightporterError) as raised:
        answers(dataset(cert), set(INSIDERS.values()))
    assert (raised.value.path, raised.value.line) == (path, 2)


def test_the_answers_may_lie_beside_as_their_archive_does(cert: Path) -> None:
    (cert / "answers").rename(cert.parent / "answers")
    assert dataset(cert) == dataset(cert.parent)
    assert dataset(cert).answers == cert.parent / "answers"


def test_a_folder_that_holds_other_files_is_left_alone(cert: Path) -> None:
    for name, text in (("notes.txt", "mine"), ("nightporter.toml", "# the site's own\n")):
        out = cert.parent / name.partition(".")[0]
        out.mkdir()
        (out / name).write_text(text)
        with pytest.raises(NightporterError, match="other"):
            evaluate_cert(cert, out)
        assert [(each.name, each.read_text()) for each in out.iterdir()] == [(name, text)]


def test_what_was_changed_in_the_settings_stays(cert: Path) -> None:
    parts = dataset(cert), cert.parent / "out", people(dataset(cert))
    truth = answers(parts[0], set(parts[2]["user_id"]))
    assert not write_workspace(*parts, truth).knobs
    settings = parts[1] / "nightporter.toml"
    settings.write_text(settings.read_text() + "\n[knobs.removable_media_surge]\nmin_files = 9\n")
    assert write_workspace(*parts, truth).knobs == {"removable_media_surge": {"min_files": 9}}


def ldap(cert: Path, **months: list[str]) -> None:
    shutil.rmtree(cert / "LDAP")
    for month, rows in months.items():
        cells = [tuple(row.split(",")) for row in [LDAP, *rows]]
        write_rows(cert / "LDAP" / f"{month[1:].replace('_', '-')}.csv", cells)


def test_nothing_is_said_of_a_person_before_it_could_be_known(cert: Path) -> None:
    ana, bo = "Ana,a1,,Salesman,,,Sales,North,Bo", "Bo,b1,,Manager,,,Sales,North,"
    moved = ana.replace("North", "South")
    ldap(cert, m2010_01=[bo], m2010_02=[ana, bo], m2010_03=[moved], m2010_05=[moved])
    rows = {row["user_id"]: row for row in people(dataset(cert)).to_dicts()}
    assert (rows["a1"]["team"], rows["a1"]["manager"]) == ("North", "b1")
    assert str(rows["a1"]["joined"]) == "2010-02-01"
    assert rows["b1"]["joined"] is None


def test_a_supervisor_whose_name_two_people_bear_is_nobody(cert: Path) -> None:
    twins = ["Bo,b1,,Manager,,,,,", "Bo,b2,,Manager,,,,,"]
    ldap(cert, m2010_01=["Ana,a1,,Salesman,,,,,Bo", "Cy,c1,,Salesman,,,,,Ana", *twins])
    managers = {row["user_id"]: row["manager"] for row in people(dataset(cert)).to_dicts()}
    assert managers == {"a1": None, "c1": "a1", "b1": None, "b2": None}
