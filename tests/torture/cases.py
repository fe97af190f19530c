"""All hostile files."""

from tests.torture import delimited_cases, json_cases

CASES = [*delimited_cases.CASES, *json_cases.CASES]
