"""The house keeps its shape: small modules, no sheds, nothing of one machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for folder in ("nightporter", "flows", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
)
SHEDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


OURS = [
    path
    for path in MODULES
    if path.is_relative_to(ROOT / "nightporter") or path.is_relative_to(ROOT / "flows")
]


@pytest.mark.parametrize("path", OURS, ids=names(OURS))
def test_a_function_stops_at_40_lines(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno - node.lineno + 1 > 40
        and not _is_text(node)
    ]
    assert long == []


def _is_text(function: ast.FunctionDef) -> bool:
    """A function that is one statement of SQL is text, not a path to follow."""
    statements = [node for node in function.body if not _is_docstring(node)]
    return len(statements) <= 3 and any(
        isinstance(node, ast.JoinedStr | ast.Constant) and node.end_lineno - node.lineno > 15
        for statement in statements
        for node in ast.walk(statement)
        if hasattr(node, "lineno")
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", OURS, ids=names(OURS))
def test_a_module_says_what_it_knows_and_is_no_shed(path: Path) -> None:
    assert path.stem not in SHEDS
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_nothing_of_one_machine_is_tracked() -> None:
    tracked = subprocess.run(
        ["git", "grep", "-nIE", r"/(work|root|home)/[a-z]|https?://[^ ]*(/simple|pypi\.)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    lines = [line for line in tracked.splitlines() if not line.startswith("tests/test_shape.py")]
    assert lines == []


def test_the_ignore_file_names_folders_and_no_extensions() -> None:
    for line in (ROOT / ".gitignore").read_text("utf-8").split():
        assert line.endswith("/") and not re.search(r"\*\.", line)
