"""LDAP's months become people.csv and accounts.csv: who was there, in which team, under whom.

Nothing is said before it could be known: a person stands in the team of the first month that
names him or her, and the day on which somebody leaves is not told. All insiders leave; a date in
the register would weigh on the weeks before it.
"""

from datetime import date
from pathlib import Path

import polars as pl

from nightporter.errors import LogError
from nightporter.evaluate.cert.layout import Dataset, read_rows

SITE = "DTAA"
_COLUMNS = {
    "user_id": "user_id", "name": "employee_name", "role": "role", "department": "department",
    "team": "team", "supervisor": "supervisor",
}  # fmt: skip
# Administrators with access everywhere, says the data set of this role.
_PRIVILEGED = "ITAdmin"


def people(cert: Dataset) -> pl.DataFrame:
    """Return people.csv: one row a person of any month.

    Columns: user_id, name, site, team, role, department, manager, privileged, joined.
    """
    begin = min(cert.months)
    listed = pl.concat([_month(month, path) for month, path in cert.months.items()])
    person = listed.group_by("user_id", maintain_order=True).agg(
        pl.exclude("month").first(), first=pl.col("month").min()
    )
    return person.join(_named_once(person), on="supervisor", how="left").select(
        "user_id",
        "name",
        pl.lit(SITE).alias("site"),
        "team",
        "role",
        "department",
        "manager",
        (pl.col("role") == _PRIVILEGED).fill_null(value=False).alias("privileged"),
        pl.when(pl.col("first") > begin).then("first").alias("joined"),
    )


def accounts(people: pl.DataFrame) -> pl.DataFrame:
    """Return accounts.csv: everybody has one account, called as the person is."""
    return people.select(
        pl.col("user_id").alias("account"), "user_id", pl.lit("person").alias("kind")
    )


def _named_once(person: pl.DataFrame) -> pl.DataFrame:
    """Return supervisor and manager: LDAP gives a name, which two people may share."""
    named = person.filter(pl.col("name").is_not_null() & pl.col("name").is_unique())
    return named.select(pl.col("name").alias("supervisor"), pl.col("user_id").alias("manager"))


def _month(month: date, path: Path) -> pl.DataFrame:
    frame = read_rows(path, tuple(_COLUMNS.values()))
    rows = frame.select(
        pl.col(theirs).str.strip_chars().replace("", None).alias(ours)
        for ours, theirs in _COLUMNS.items()
    )
    if (nameless := rows["user_id"].is_null().arg_true()).len():
        raise LogError(f"row {nameless[0] + 1} below the header names no user_id", path=path)
    return rows.unique("user_id", keep="first", maintain_order=True).with_columns(month=month)
