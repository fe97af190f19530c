"""The real process, killed at three random instants, loses nothing and leaves nothing behind."""

import random
from collections import Counter
from pathlib import Path

from bench.soak import Outcome, compared, leftovers, soak
from tests.workspaces import FEW


def test_a_process_killed_at_random_instants_loses_doubles_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    total = Outcome()
    for outcome in soak(tmp_path, 3, seed, first="2026-06-28", in_a_row=(3, 3), detectors=FEW):
        total.add(outcome)
    assert total.hits.total() == 3
    assert total.is_clean, total


def test_a_lost_row_a_doubled_row_and_a_leftover_are_seen(tmp_path: Path) -> None:
    calm = {"access": Counter({"a": 2, "b": 1})}
    assert compared(calm, {"access": Counter({"a": 1, "b": 2})}) == (1, 1)
    assert compared(calm, calm) == (0, 0)
    (tmp_path / "cache" / "ingest-1").mkdir(parents=True)
    (tmp_path / "findings.duckdb.new").touch()
    assert leftovers(tmp_path) == ["cache/ingest-1", "findings.duckdb.new"]
