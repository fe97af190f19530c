"""The answers of CERT r4.2 become truth/: one campaign an insider, one row a deed in our logs.

Deeds that stand in http.csv or email.csv alone are counted, not kept: no scan sees those logs.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from nightporter.errors import LogError, UsageError
from nightporter.evaluate.cert.layout import RELEASE, SUPPORTED, Dataset, read_rows
from nightporter.shapes import INSTANT, Kind

STAMP = "%m/%d/%Y %H:%M:%S"
# The hour at which a business day starts, in the settings that are written too.
DAY_STARTS = 5
# A log's name in the answers: the source that our feed of the same name has.
SOURCES = {"logon": "access", "device": "usb", "file": "usb"}
_UNREAD = ("http", "email")
# In scenario 3 the file that is copied is a key logger: nothing is taken away.
_TAKING = ("1", "2")

_INSIDERS = ("dataset", "scenario", "details", "user", "start", "end")
_EVENTS: dict[str, Kind] = {
    "campaign_id": pl.String, "feed": pl.String, "source": pl.String, "record_id": pl.String,
    "user_id": pl.String, "ts": INSTANT, "documents": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """`campaigns` and `events` as truth/ holds them; `unread`: deeds by the log not read.

    campaigns: campaign_id, campaign, kind, user_id, first_day, last_day (business days),
    documents. events: campaign_id, feed, source, record_id, user_id (the insider, whatever
    account the log names), ts, day, documents.
    """

    campaigns: pl.DataFrame
    events: pl.DataFrame
    unread: dict[str, int]


def answers(cert: Dataset, known: set[str]) -> Answers:
    """Read the answers for r4.2; `known` are the people whom LDAP names."""
    insiders = _insiders(cert.insiders)
    ours = insiders.filter(pl.col("dataset") == RELEASE)
    _check_release(cert.insiders, insiders, known)
    unread: Counter[str] = Counter()
    rows = [row for insider in ours.to_dicts() for row in _deeds(cert.answers, insider, unread)]
    events = pl.DataFrame(rows, schema=_EVENTS, orient="row")
    events = events.with_columns(day=business_day(pl.col("ts")))
    taken = events.group_by("campaign_id").agg(pl.col("documents").sum())
    campaigns = ours.select(
        "campaign_id",
        pl.format(f"cert-r{RELEASE}-scenario-{{}}", "scenario").alias("campaign"),
        pl.lit("insider").alias("kind"),
        pl.col("user").alias("user_id"),
        business_day(pl.col("start")).alias("first_day"),
        business_day(pl.col("end")).alias("last_day"),
    ).join(taken, on="campaign_id", how="left", maintain_order="left")
    events = events.select("campaign_id", "feed", "source", "record_id", "user_id", "ts", "day",
                           "documents")  # fmt: skip
    return Answers(campaigns.with_columns(pl.col("documents").fill_null(0)), events, dict(unread))


def business_day(stamp: pl.Expr) -> pl.Expr:
    """Return the day to which a night still belongs."""
    return stamp.dt.offset_by(f"-{DAY_STARTS}h").dt.date()


def _insiders(path: Path) -> pl.DataFrame:
    frame = read_rows(path, _INSIDERS).with_row_index("line", offset=2)
    frame = frame.with_columns(pl.col(_INSIDERS).str.strip_chars())
    frame = frame.with_columns(
        pl.col("start", "end").str.to_datetime(STAMP, strict=False, time_unit="us"),
        campaign_id=pl.col("details").str.strip_suffix(".csv"),
    )
    wrong = frame.filter(
        pl.col("dataset") == RELEASE,
        ~(pl.col("scenario").str.contains(r"^\d+$") & (pl.col("start") <= pl.col("end"))
          & pl.col("details").str.contains(r"^[\w.-]+\.csv$")).fill_null(value=False)
        | pl.col("user").is_null() | pl.col("campaign_id").is_duplicated(),
    )  # fmt: skip
    for row in wrong.head(1).to_dicts():
        hint = (
            "scenario a number, details a file of its own, start before end, as 06/28/2010 08:51:08"
        )
        raise LogError("no insider is described so", path=path, line=row["line"], hint=hint)
    return frame


def _check_release(path: Path, insiders: pl.DataFrame, known: set[str]) -> None:
    """All releases but their people look alike in r3 and r4: LDAP must name ours."""
    there = insiders.filter(pl.col("user").is_in(sorted(known)))
    if RELEASE in there["dataset"]:
        return
    if RELEASE not in insiders["dataset"]:
        message = f"it names no insider of r{RELEASE}"
        hint = f"it names those of: {', '.join(insiders['dataset'].drop_nulls().unique().sort())}"
        raise UsageError(message, path=path, hint=hint)
    others = [f"r{each}" for each in there["dataset"].drop_nulls().unique().sort()]
    says = f"it names insiders of {', '.join(others)}" if others else "it names no insider at all"
    raise UsageError(
        f"LDAP/ names no insider of r{RELEASE}", path=path, hint=f"{says}; {SUPPORTED}"
    )


def _deeds(
    folder: Path, insider: dict[str, str], unread: Counter[str]
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one insider's file: ragged, each begins with the name of its log."""
    inside = folder / f"r{RELEASE}-{insider['scenario']}" / insider["details"]
    path = inside if inside.is_file() else folder / insider["details"]
    if not path.is_file():
        line = int(insider["line"])
        hint = "unpack the whole of answers.tar.bz2"
        raise LogError(f"{inside} is missing", path=folder / "insiders.csv", line=line, hint=hint)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        try:
            for row in reader:
                if row and row[0].strip().lower() in _UNREAD:
                    unread[row[0].strip().lower()] += 1
                elif row:
                    yield _deed(path, reader.line_num, row, insider)
        except csv.Error as error:
            raise LogError(f"not CSV: {error}", path=path, line=reader.line_num) from None


def _deed(path: Path, line: int, row: list[str], insider: dict[str, str]) -> tuple[object, ...]:
    feed, text = row[0].strip().lower(), ",".join(row)
    if feed not in SOURCES or len(row) < 5:
        hint = f"a row begins with {', '.join((*SOURCES, *_UNREAD))}, then id, date, user, pc"
        raise LogError(
            "no row of the answers is like this", path=path, line=line, text=text, hint=hint
        )
    try:
        moment = datetime.strptime(row[2].strip(), STAMP).replace(tzinfo=UTC)
    except ValueError:
        hint = "such as 06/28/2010 08:51:08"
        raise LogError(f"{row[2]!r} is no stamp", path=path, line=line, hint=hint) from None
    documents = int(feed == "file" and insider["scenario"] in _TAKING)
    return (insider["campaign_id"], feed, SOURCES[feed], row[1].strip(), insider["user"], moment,
            documents)  # fmt: skip
