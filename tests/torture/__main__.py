"""Print what the real ingest makes of every hostile file: `make torture`."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.torture.case import Case, Outcome, outcome
from tests.torture.cases import CASES

_ROW = "{:<43}{:>10}{:>10}{:>8}{:>9}{:>8}{:>11}{:>7}  {}"


def main() -> None:
    """Print a line for each file and the sum; end with 1 unless every line is accounted for."""
    words = "accepted copies ignored header blank cont. rejected"
    print(_ROW.format("file", "lines", *words.split()))
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            made = outcome(case, Path(folder) / str(number))
            unaccounted = case.physical - sum(_parts(case, made)) if made.load else 0
            wrong += bool(unaccounted) or (made.load is None) != bool(case.refused)
            print(_told(case, made) + (f"  {unaccounted} LOST" if unaccounted else ""), flush=True)
    print(f"\n{len(CASES)} files, {wrong} with lines that are not accounted for")
    sys.exit(1 if wrong else 0)


def _parts(case: Case, made: Outcome) -> list[int]:
    """Return the physical lines of a file that was loaded, by what they became."""
    assert made.load
    names = ("accepted", "duplicates", "ignored", "header_lines", "blank_lines", "rejected")
    return [*(made.load[name] for name in names), case.continued]


def _told(case: Case, made: Outcome) -> str:
    if made.load is None:
        nothing = made.problems[0].splitlines()[0].partition(": ")[2]
        return _ROW.format(case.name, *"-------", f"refused: {nothing}")
    *parts, _, continued = _parts(case, made)
    reasons = Counter(reason for _, reason, _ in made.rejects)
    told = ", ".join(f"{reason} {times:,}" for reason, times in reasons.items())
    return _ROW.format(case.name, case.physical, *parts, continued, told)


main()
