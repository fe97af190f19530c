"""A CERT r4.2 folder as a workspace: settings, context, truth; the logs stay where they lie."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl

from nightporter import config
from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.evaluate.cert.answers import DAY_STARTS, Answers
from nightporter.evaluate.cert.layout import Dataset
from nightporter.evaluate.cert.people import SITE, accounts
from nightporter.lake import Lake
from nightporter.simulate.files import write_file, write_table

# So long a machine is watched before it is said whose it is, in days: no insider is at work yet.
WARM_UP = 90

_HEAD = "# Written by `nightporter evaluate --cert {folder}`; what you change here stays."
_SETTINGS = """
[workspace]
lateness = "1d"
horizon = "900d"           # the logs cover 17 months
day_starts = "{day_starts:02}:00"

[site.{site}]
zone = "UTC"               # the stamps name no zone, and their clock knows no summer time
country = "US"
hours = "07:30-17:30"      # those that published work on this data takes

[names]
pseudonyms = false         # of people who never were
keep_unconfirmed = "36500d"

[risk]
factors = false            # what is measured is the ranking, not what a register says
"""
_FEED = """
[[feed]]
name = "{name}"
preset = "cert-r4-{name}"
paths = [{path}]
site = "{site}"
"""


def write_workspace(cert: Dataset, out: Path, people: pl.DataFrame, truth: Answers) -> Settings:
    """Write `out` and return its settings; settings that stand there already are kept.

    Raises UsageError where `out` holds anything but a workspace of this very data set.
    """
    head = _HEAD.format(folder=json.dumps(str(cert.folder), ensure_ascii=True))
    settings = out / config.FILE_NAME
    if not settings.is_file():
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UsageError(f"{out} holds other files", hint="name another folder with --out")
        write_file(settings, (head + _settings(cert)).encode())
    elif settings.read_text("utf-8").partition("\n")[0] != head:
        hint = "name a new folder with --out"
        raise UsageError(f"{out} is a workspace of other logs", path=settings, line=1, hint=hint)
    write_table(out / "context" / "people.csv", people)
    write_table(out / "context" / "accounts.csv", accounts(people))
    write_table(out / "truth" / "campaigns.csv", truth.campaigns)
    truth.events.write_parquet(out / "truth" / "events.parquet")
    return config.load(out)


def _settings(cert: Dataset) -> str:
    feeds = [
        _FEED.format(name=name, path=_quoted(path), site=SITE) for name, path in cert.logs.items()
    ]
    return "".join([_SETTINGS.format(day_starts=DAY_STARTS, site=SITE), *feeds])


def _quoted(path: Path) -> str:
    # A TOML string is a JSON one, but for the one control character that JSON lets pass.
    return json.dumps(str(path), ensure_ascii=False).replace("\x7f", "\\u007f")


def write_hosts(settings: Settings, lake: Lake, people: pl.DataFrame) -> None:
    """Write hosts.csv: a machine belongs to whom most person-days of its first weeks belong.

    Shared machines belong to nobody. Only the weeks before anything is scored are looked at.
    """
    days = lake.days("access")
    reach = {day for day in days if day < days[0] + timedelta(days=WARM_UP)}
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake.view(con, "access", reach)
        con.register("people", people.select("user_id").to_arrow())
        owned = con.sql(
            r"""WITH used AS (
                SELECT lower(host) AS host, lower(account) AS account,
                    count(DISTINCT day) AS days
                FROM access WHERE action = 'logon'
                -- What a register would strip or quote is no machine's name.
                AND regexp_full_match(host, '[\w.-]+')
                GROUP BY ALL
            )
            SELECT u.host, p.user_id AS owner, 'workstation' AS kind
            FROM (
                SELECT host, arg_max(account, days) AS account FROM used
                GROUP BY host HAVING 2 * max(days) > sum(days)
            ) AS u JOIN people AS p ON lower(p.user_id) = u.account
            ORDER BY ALL"""
        ).pl()
    write_table(settings.root / "context" / "hosts.csv", owned)
