"""What is installed from a wheel runs as the checkout does."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel made from the sdist, as an installer would make it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_claims_one_top_level_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nightporter"}


def test_detectors_flows_and_sample_logs_ship_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for folder in ("detectors", "flows", "sample_logs"):
        here = {
            str(path.relative_to(ROOT / folder))
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        prefix = f"nightporter/shipped/{folder}/"
        there = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
        assert here == there


def test_the_page_of_the_report_ships_inside(wheel: Path) -> None:
    folder = ROOT / "nightporter" / "report" / "templates"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in folder.iterdir():
        assert f"nightporter/report/templates/{path.name}" in names


def test_an_installed_wheel_lists_its_detectors_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    """A clean environment that borrows only the dependencies of this one."""
    target = tmp_path / "site"
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
    ]
    subprocess.run([sys.executable, *install, str(wheel)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(target), "PYTHONSAFEPATH": "1"}
    code = (
        "import nightporter, nightporter.cli.app as a;"
        f"assert nightporter.__file__.startswith({str(target)!r}), nightporter.__file__;"
        "a.main(['detectors', 'list'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "off_hours_bulk_download" in ran.stdout
