"""A town of two dozen people with known thieves: small enough that its nights take seconds.

Everybody has an ordinary day of views and downloads; the thieves carry off documents by night.
One file a day and source, named by the day on which it came.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import polars as pl
from evaluate.frames import START

from nightporter.evaluate.truth import CAMPAIGNS, EVENTS

DAYS = 42
TOML = """\
[workspace]
lateness = "7d"

[site.MAIN]
zone = "UTC"
hours = "08:00-18:00"

[[feed]]
name = "files"
source = "access"
paths = ["logs/access/*.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "who"
  action = "what"
  resource = "path"
  record_id = "id"
"""
PEOPLE = [f"u{n:02}" for n in range(24)]
# campaign, kind, who, first day, nights, documents a night, days that its file comes late
SAID = (
    ("off_hours_bulk_day", "insider", "u03", 30, 1, 220, 0),
    ("quiet_administrator", "insider", "u07", 29, 5, 90, 0),
    ("late <b>log</b>", "insider", "u11", 33, 1, 240, 2),
    ("approved migration", "lookalike", "u15", 31, 1, 120, 0),
)


def town(root: Path) -> Path:
    """Write the workspace below `root`, its truth with it."""
    ordinary, deeds = _ordinary(), _deeds()
    lines = pl.concat([ordinary, deeds.select(ordinary.columns)]).sort("ts", "who", "path")
    lines = lines.with_columns(id=pl.format("r{}", pl.int_range(pl.len())))
    _write_logs(root, lines)
    (root / "nightporter.toml").write_text(TOML)
    (root / "context").mkdir()
    accounts = "".join(f"{who},{who}\n" for who in PEOPLE)
    (root / "context" / "accounts.csv").write_text("account,user_id\n" + accounts)
    _write_truth(root, lines.filter(pl.col("campaign").is_not_null()))
    return root


def _ordinary() -> pl.DataFrame:
    """Workdays: a handful of files each, at hours that differ from person to person."""
    rows = []
    for ago in range(DAYS):
        day = START + timedelta(days=ago)
        for nth, who in enumerate(PEOPLE if day.weekday() < 5 else []):
            for turn in range(4 + (nth + ago) % 3):
                at = datetime.combine(day, time(9 + turn, (7 * nth) % 60), UTC)
                what = "download" if turn % 3 == 2 else "view"
                rows.append((at, who, what, f"/share/{nth % 5}/{turn}", None, 0))
    return pl.DataFrame(rows, schema=_SHAPE, orient="row")


_SHAPE = {"ts": pl.Datetime("us", "UTC"), "who": pl.String, "what": pl.String, "path": pl.String,
          "campaign": pl.String, "late": pl.Int64}  # fmt: skip


def _deeds() -> pl.DataFrame:
    rows = []
    for campaign, _, who, first, nights, documents, late in SAID:
        for night in range(nights):
            at = datetime.combine(START + timedelta(days=first + night), time(22), UTC)
            for n in range(documents):
                stamp = at + timedelta(seconds=20 * n)
                rows.append((stamp, who, "download", f"/vault/{night}/{n}", campaign, late))
    return pl.DataFrame(rows, schema=_SHAPE, orient="row")


def _write_logs(root: Path, lines: pl.DataFrame) -> None:
    folder = root / "logs" / "access"
    folder.mkdir(parents=True)
    came = lines.with_columns(came=pl.col("ts").dt.date() + pl.duration(days="late"))
    for (day,), part in came.group_by("came"):
        told = part.select(time=pl.col("ts").dt.strftime("%F %T"), who="who", what="what",
                           path="path", id="id")  # fmt: skip
        told.write_csv(folder / f"{day}.csv")


def _write_truth(root: Path, deeds: pl.DataFrame) -> None:
    kinds = {campaign: kind for campaign, kind, *_ in SAID}
    events = deeds.select(
        campaign_id=pl.col("campaign"), source=pl.lit("access"), record_id="id", user_id="who",
        ts="ts", day=pl.col("ts").dt.date(), documents=pl.lit(1),
    )  # fmt: skip
    campaigns = events.group_by("campaign_id", "user_id").agg(
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
        documents=pl.col("documents").sum(),
    )
    told = campaigns.with_columns(
        campaign=pl.col("campaign_id"), kind=pl.col("campaign_id").replace_strict(kinds)
    ).select(list(CAMPAIGNS))
    (root / "truth").mkdir()
    told.write_csv(root / "truth" / "campaigns.csv")
    events.select(list(EVENTS)).write_parquet(root / "truth" / "events.parquet")
