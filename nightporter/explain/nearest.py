"""How near one person came to what one detector fires on, asked of the night's book.

Runs probes in the locked process and picks the row that fails the fewest conditions by the
least; knows no finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from nightporter.explain.conditions import Branch, Leaf
from nightporter.explain.probing import Anatomy, Probe
from nightporter.rules import Sandbox
from nightporter.window import Window

# What cannot be measured is as far off as a number can be.
_FAR = 1.0
_DEPTH = 20


@dataclass(frozen=True)
class Condition:
    """A condition as one row stood to it; `knobs` maps those of the wanted side to their values.

    `observed` and `wanted` are None where nothing is compared: then `text` is all that is known.
    """

    text: str
    holds: bool
    name: str = ""
    sign: str = ""
    observed: Any = None
    wanted: Any = None
    knobs: Mapping[str, float] = field(default_factory=dict)
    bare: bool = False


@dataclass(frozen=True)
class Alternatives:
    """Several ways to pass, each a run of conditions; `nearest` is the one that lacks least."""

    nearest: tuple["Condition | Alternatives", ...]
    others: int
    holds: bool


Met = Condition | Alternatives


@dataclass(frozen=True)
class Nearest:
    """The row that came nearest, by its conditions; or `reason`, why there is none.

    `place` names the CTE whose filter it is, None the final SELECT. `failing` counts what does
    not hold, `gap` how far off that is, 1 a condition at most.
    """

    conditions: tuple[Met, ...] = ()
    place: str | None = None
    reason: str = ""
    failing: int = 0
    gap: float = 0.0


@dataclass(frozen=True)
class Asker:
    """One detector's questions about one person and day; the book is the sandbox's."""

    anatomy: Anatomy
    sandbox: Sandbox
    knobs: Mapping[str, float]

    def nearest(self) -> Nearest:
        """Return the nearest miss; where no row came to the filter, say where they end."""
        cte = self._where_it_ends()
        told = Nearest(place=cte, reason=self._nothing(cte))
        for probe in self.anatomy.probes(cte):
            rows = self._rows(probe)
            if rows.is_empty():
                continue
            return self._told(rows, probe, cte)
        return told

    def _where_it_ends(self) -> str | None:
        """Go down from the final SELECT through what it needs to the last CTE that is empty."""
        census = self.anatomy.census()
        if census is None:
            return None
        counts = self._run(census).row(0, named=True)
        place: str | None = None
        for _ in range(_DEPTH):
            empty = [name for name in self.anatomy.needs(place) if counts.get(f"np_{name}") == 0]
            if not empty:
                break
            place = empty[0]
        return place

    def _nothing(self, cte: str | None) -> str:
        if cte is not None:
            return f"no candidate row: CTE {cte} yields nothing for this person"
        needed = self.anatomy.needs(None) or ["the SELECT"]
        verb = "yields" if len(needed) == 1 else "together yield"
        return f"no candidate row: {' and '.join(needed)} {verb} nothing for this person"

    def _rows(self, probe: Probe) -> pl.DataFrame:
        rows = self._run(probe.detector)
        selects = [part for part in probe.conditions.parts if part.selects]
        counts = [part for part in probe.conditions.parts if not part.selects]
        return (
            rows.with_columns(
                np_other=_failing(Branch("all", tuple(selects)), rows),
                np_failing=_failing(Branch("all", tuple(counts)), rows),
                np_gap=_gap(Branch("all", tuple(counts)), rows),
            )
            .sort("np_other", "np_failing", "np_gap", maintain_order=True)
            .head(1)
        )

    def _run(self, detector: Any) -> pl.DataFrame:
        day = self.anatomy.day
        return self.sandbox.run(detector, Window(day, day), self.knobs)

    def _told(self, rows: pl.DataFrame, probe: Probe, cte: str | None) -> Nearest:
        row = rows.row(0, named=True)
        met = tuple(self._met(part, row) for part in probe.conditions.parts)
        other = int(row["np_other"])
        reason = ""
        if other:
            parts = probe.conditions.parts
            lacking = [each.text for each in parts if each.selects and not _holds(each, row)]
            reason = f"no candidate row: none with {' and '.join(lacking)}"
        return Nearest(met, cte, reason, other + int(row["np_failing"]), float(row["np_gap"]))

    def _met(self, part: Leaf | Branch, row: Mapping[str, Any]) -> Met:
        if isinstance(part, Leaf):
            values = {**self.anatomy.detector.knobs, **self.knobs}
            return Condition(
                part.text,
                row[part.key] is True,
                part.name,
                part.sign,
                row.get(f"{part.key}_is"),
                row.get(f"{part.key}_wants"),
                {name: values[name] for name in part.knobs},
                part.bare,
            )
        if part.kind == "all":
            return Alternatives(tuple(self._met(p, row) for p in part.parts), 0, _holds(part, row))
        best = min(part.parts, key=lambda each: _distance(each, row))
        inner = best.parts if isinstance(best, Branch) and best.kind == "all" else (best,)
        told = tuple(self._met(each, row) for each in inner)
        return Alternatives(told, len(part.parts) - 1, _holds(part, row))


def _holds(part: Leaf | Branch, row: Mapping[str, Any]) -> bool:
    return _distance(part, row)[0] == 0


def _distance(part: Leaf | Branch, row: Mapping[str, Any]) -> tuple[int, float]:
    """How many conditions fail in one row, and by how much."""
    frame = pl.DataFrame({name: [value] for name, value in row.items()}, strict=False)
    found = frame.select(failing=_failing(part, frame), gap=_gap(part, frame)).row(0)
    return int(found[0]), float(found[1])


def _failing(part: Leaf | Branch, rows: pl.DataFrame) -> pl.Expr:
    """Count the conditions that fail; of alternatives the one with the fewest."""
    if isinstance(part, Leaf):
        return (~pl.col(part.key).cast(pl.Boolean).fill_null(False)).cast(pl.Int64)
    return _joined(part, [_failing(each, rows) for each in part.parts])


def _gap(part: Leaf | Branch, rows: pl.DataFrame) -> pl.Expr:
    """How far the failing conditions are off, each as a share of the larger of its sides."""
    if isinstance(part, Branch):
        return _joined(part, [_gap(each, rows) for each in part.parts])
    ends = (f"{part.key}_is", f"{part.key}_wants")
    numbers = all(name in rows.columns and rows.schema[name].is_numeric() for name in ends)
    if numbers:
        one, other = (pl.col(name).cast(pl.Float64) for name in ends)
        most = pl.max_horizontal(one.abs(), other.abs(), pl.lit(1e-9))
        off = ((one - other).abs() / most).clip(0, _FAR).fill_null(_FAR).fill_nan(_FAR)
    else:
        off = pl.lit(_FAR)
    return pl.when(pl.col(part.key).cast(pl.Boolean).fill_null(False)).then(0.0).otherwise(off)


def _joined(part: Branch, found: list[pl.Expr]) -> pl.Expr:
    if not found:
        return pl.lit(0)
    return pl.sum_horizontal(found) if part.kind == "all" else pl.min_horizontal(found)
