"""Runs a marimo notebook without marimo: each cell gets the names it asks for from those before.

Cells of ours stand in the order of their names; marimo itself would find that order.
"""

import ast
import inspect
import runpy
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

Cell = Callable[..., Any]


class App:
    """What a notebook needs of marimo.App."""

    def __init__(self, **_: Any) -> None:
        self.cells: list[Cell] = []

    def cell(self, function: Cell) -> Cell:
        self.cells.append(function)
        return function


def run(notebook: Path, *words: str) -> dict[str, Any]:
    """Return every name that the cells of `notebook` define, run with `words` on its line."""
    marimo = ModuleType("marimo")
    marimo.App = App  # type: ignore[attr-defined]
    marimo.md = marimo.plain_text = lambda text: text  # type: ignore[attr-defined]
    with (
        mock.patch.dict(sys.modules, {"marimo": marimo}),
        mock.patch.object(sys, "argv", [notebook.name, *words]),
    ):
        app = runpy.run_path(str(notebook))["app"]
        names: dict[str, Any] = {}
        for cell in app.cells:
            given = {name: names[name] for name in inspect.signature(cell).parameters}
            names.update(zip(_returned(cell), cell(**given) or (), strict=True))
    return names


def _returned(cell: Cell) -> list[str]:
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(cell))).body
    assert isinstance(function, ast.FunctionDef)
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return []
    assert isinstance(last.value, ast.Tuple)
    return [name.id for name in last.value.elts if isinstance(name, ast.Name)]
