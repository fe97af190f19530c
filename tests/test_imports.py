"""Imports run one way, and prefect stays under flows/."""

import subprocess
import sys

import pytest


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_the_command_line_never_imports_prefect_and_no_engine_for_pictures() -> None:
    modules = imported_by("import nightporter.cli.app as cli; cli.import_all(cli.app)")
    assert {"nightporter.nightly", "nightporter.report"} <= modules
    assert not {"prefect", "vl_convert"} & modules


def test_a_command_waits_for_no_other() -> None:
    modules = imported_by("import nightporter.cli.app")
    assert not {"nightporter.report", "nightporter.evaluate", "nightporter.rules"} & modules


@pytest.mark.parametrize("stage", ["lake", "ledger", "features", "findings", "risk", "publish"])
def test_a_stage_knows_no_command_line(stage: str) -> None:
    modules = imported_by(f"import nightporter.{stage}")
    assert not any(module.startswith("nightporter.cli") for module in modules)


def test_reading_the_configuration_starts_no_engine() -> None:
    assert not {"duckdb", "polars", "deltalake"} & imported_by("import nightporter.config")
