"""All hostile files."""

from tests.torture import archive_cases, delimited_cases, json_cases

CASES = [*delimited_cases.CASES, *json_cases.CASES, *archive_cases.CASES]
