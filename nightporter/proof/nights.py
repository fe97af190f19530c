"""The nights of a detector's cases, each built once: what is turned or broken runs over the same.

Knows neither knobs that matter nor faults that are looked for.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import duckdb
import polars as pl

from nightporter.errors import DetectorError, NightporterError
from nightporter.proof.cases import CaseResult, judge, night_of
from nightporter.proof.world import build
from nightporter.rules import Detector, found, lay
from nightporter.window import Window


class Nights:
    """The cases of one detector, ready to be run; holds a database in memory for each."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self._built: dict[int, tuple[duckdb.DuckDBPyConnection, Window]] = {}
        self._laid: dict[int, tuple[frozenset[str], int]] = {}
        self._order = list(range(len(detector.cases)))
        self._open = ExitStack()

    def close(self) -> None:
        """Let go of the nights."""
        self._open.close()
        self._built.clear()
        self._laid.clear()

    def of(self, at: int) -> tuple[duckdb.DuckDBPyConnection, Window]:
        """Return the night of the case number `at`, and its days."""
        if at not in self._built:
            world = build(self.detector.cases[at], self.detector.path)
            reads = self.detector.query.tables
            night = self._open.enter_context(night_of(world, reads=reads))
            self._built[at] = (night, world.window)
        return self._built[at]

    def result(
        self, at: int, knobs: Mapping[str, float] | None = None, changed: Detector | None = None
    ) -> CaseResult:
        """Return how the case number `at` ends, with `knobs` turned or for the `changed` SELECT.

        Raises DetectorError if the SELECT fails, or the case cannot be built or compared.
        """
        try:
            return self._result(at, knobs or {}, changed or self.detector)
        except NightporterError:
            raise
        except (Exception, pl.exceptions.PanicException) as error:  # the latter is no Exception
            message = f"{type(error).__name__}: {error}".partition("\n")[0]
            case = self.detector.cases[at]
            raise DetectorError(message, path=self.detector.path, line=case.line) from error

    def _result(self, at: int, knobs: Mapping[str, float], asked: Detector) -> CaseResult:
        con, window = self.of(at)
        # A view for each run would take as long as a small SELECT.
        reads = (asked.query.tables, asked.header.lookback)
        if self._laid.get(at) != reads:
            lay(con, asked, window)
            self._laid[at] = reads
        return judge(asked, self.detector.cases[at], found(con, asked, window, knobs))

    def results(self) -> list[CaseResult]:
        """Return how every case ends; as many nights are built at once as there are cores.

        Raises DetectorError if the SELECT fails.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self.result, range(len(self.detector.cases))))

    def breaking(
        self, knobs: Mapping[str, float] | None = None, changed: Detector | None = None
    ) -> int | None:
        """Return the number of a case that does not hold; what broke last is asked first."""
        for at in self._order:
            if not self.result(at, knobs, changed).passed:
                self._order.remove(at)
                self._order.insert(0, at)
                return at
        return None
