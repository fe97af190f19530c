"""All hostile files."""

from tests.torture import delimited_cases

CASES = [*delimited_cases.CASES]
