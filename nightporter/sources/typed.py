"""Text columns become typed events of one source; rows that cannot are named with their reason.

Driven by the schema: access, usb and badge need no code of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from nightporter.errors import ConfigError
from nightporter.schema import DEFAULTS, SUBJECT, TABLES, WORDS
from nightporter.sources.assembling import assemble, made_by_machines
from nightporter.sources.fields import SITE, FieldMap
from nightporter.sources.parsed import Parsed, Reject
from nightporter.sources.stamps import in_zone, on_clock, read_stamps
from nightporter.sources.words import enumerated, renamed, truths, whole_numbers


@dataclass(frozen=True)
class Log:
    """One raw file: where it lies, the SHA-256 of its bytes, and of which files it may be a
    later state: it begins with their bytes."""

    path: Path
    file_id: str
    size: int
    earlier: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Check:
    """The rows that fail, in order of the columns looked at."""

    failed: pl.Series
    reason: str
    column: str


def type_rows(
    parsed: Parsed, fields: FieldMap, log: Log, now: datetime
) -> tuple[pl.DataFrame, list[Reject]]:
    """Return the events of a block, in the shape of the source's table, and its rejects.

    Raises ConfigError for a naive stamp in a feed without a clock.
    """
    shape = TABLES[fields.feed.source]
    if not len(parsed.lines):
        return shape.empty(), list(parsed.rejects)
    texts = assemble(parsed.columns, fields)
    columns: dict[str, pl.Series | pl.Expr] = {
        "feed": pl.lit(fields.feed.name),
        "file_id": pl.lit(log.file_id),
        "line": parsed.lines,
        "ingested_at": pl.lit(now),
    }
    checks = [] if parsed.clean and not fields.feed.json_columns else _nul_checks(texts)
    checks += [*_stamps(texts, parsed, fields, log, columns)]
    checks += [*_own_columns(texts, fields, columns), _nobody(texts, fields)]
    made = texts.select(
        (columns[name] if isinstance(columns[name], pl.Expr) else pl.lit(columns[name]))
        .cast(kind)
        .alias(name)
        for name, kind in shape.columns.items()
    )
    return _split(made, texts, checks, parsed, fields)


def _nul_checks(texts: pl.DataFrame) -> list[_Check]:
    columns = [name for name, kind in texts.schema.items() if kind == pl.String]
    holds = {name: pl.col(name).str.contains("\0", literal=True) for name in columns}
    if not texts.select(pl.any_horizontal(each.any() for each in holds.values())).item():
        return []
    return [_Check(texts.select(holds[name]).to_series(), "nul_byte", name) for name in columns]


def _stamps(
    texts: pl.DataFrame,
    parsed: Parsed,
    fields: FieldMap,
    log: Log,
    columns: dict[str, pl.Series | pl.Expr],
) -> list[_Check]:
    read = read_stamps(texts["ts"], fields.feed.stamp)
    wall, sites = read["wall"], _sites(texts, fields)
    if fields.feed.zone and (fields.feed.site or _sited(fields)):
        read = in_zone(read, fields.feed.zone)
    _refuse_naive(read, parsed, fields, log)
    placed = _placed(read, sites, fields)
    columns |= {name: placed[name] for name in placed.columns}
    columns[SITE] = sites
    gap = wall.is_not_null() & placed["ts"].is_null()
    return [
        *([_Check(sites.is_null(), "unknown_site", SITE)] if _sited(fields) else []),
        _Check(texts["ts"].is_null(), "no_stamp", "ts"),
        _Check(wall.is_null(), "bad_stamp", "ts"),
        _Check(gap, "stamp_in_dst_gap", "ts"),
    ]


def _sited(fields: FieldMap) -> bool:
    return fields.feed.site_column is not None


def _sites(texts: pl.DataFrame, fields: FieldMap) -> pl.Series:
    """Return each row's site: the feed's, or that of its site column, null where unknown."""
    if not _sited(fields):
        return pl.Series([fields.feed.site], dtype=pl.String).new_from_index(0, len(texts))
    named = renamed(texts[SITE].cast(pl.String), *_mapping(fields, SITE))
    known = {site: site for site in fields.settings.site}
    return named.replace_strict(known, default=None, return_dtype=pl.String)


def _refuse_naive(read: pl.DataFrame, parsed: Parsed, fields: FieldMap, log: Log) -> None:
    feed = fields.feed
    if feed.site or feed.site_column or feed.zone:
        return
    naive = read["wall"].is_not_null() & read["offset"].is_null()
    if not naive.any():
        return
    row = naive.arg_true()[0]
    place = fields.fault("", "name")
    raise ConfigError(
        f"a stamp without a time zone, in the feed {feed.name} that declares none",
        path=log.path,
        line=int(parsed.lines[row]),
        text=parsed.raw()[row].decode("utf-8", "replace"),
        hint=f'add site = "..." or zone = "..." to the feed at {place.path}:{place.line}',
    )


def _placed(read: pl.DataFrame, sites: pl.Series, fields: FieldMap) -> pl.DataFrame:
    """Return ts, local_ts and day of each row on the clock of its own site."""
    settings, feed = fields.settings, fields.feed
    here = sites.unique().to_list() if _sited(fields) else [feed.site]
    parts = []
    for site in here:
        zone = settings.site[site].zone if site else feed.zone
        parts.append(on_clock(read, zone, settings.day_starts(site)))
    if len(parts) == 1:
        return parts[0]
    whole = parts[0]
    for site, part in zip(here[1:], parts[1:], strict=True):
        mine = sites.eq_missing(pl.Series([site], dtype=pl.String))
        whole = pl.DataFrame([part[name].zip_with(mine, whole[name]) for name in part.columns])
    return whole


def _own_columns(
    texts: pl.DataFrame, fields: FieldMap, columns: dict[str, pl.Series | pl.Expr]
) -> Iterator[_Check]:
    """Fill `columns` with what is left of the source's; yield the rows whose text does not fit."""
    feed = fields.feed
    columns["app_action"] = pl.lit(None, pl.String)
    for name, kind in TABLES[feed.source].columns.items():
        if name in columns:
            continue
        if name not in texts.columns:
            columns[name] = pl.lit(DEFAULTS[feed.source].get(name), kind)
            continue
        given, mapping = texts[name], _mapping(fields, name)
        if kind == pl.Int64:
            made = whole_numbers(renamed(given, *mapping))
            # No size is negative: -1 is how a source says that it does not know.
            columns[name] = pl.when(made >= 0).then(made)
            yield _Check(given.is_not_null() & made.is_null(), "bad_number", name)
        elif kind == pl.Boolean:
            columns[name] = made = truths(renamed(given, *mapping))
            yield _Check(given.is_not_null() & made.is_null(), "bad_boolean", name)
        elif name in WORDS[feed.source]:
            columns[name] = made = enumerated(feed.source, name, given.cast(pl.String), *mapping)
            if name == "action":
                columns["app_action"] = given.zip_with(given != made, _none(given))
        else:
            columns[name] = renamed(given.cast(pl.String), *mapping)
    if feed.automated:
        said = pl.lit(columns["automated"]) if "automated" in feed.fields else pl.lit(False)
        columns["automated"] = said.fill_null(False) | made_by_machines(texts, fields)


def _mapping(fields: FieldMap, column: str) -> tuple[dict[str, str], dict[str, str]]:
    return fields.feed.values.get(column, {}), fields.feed.patterns.get(column, {})


def _none(like: pl.Series) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(like))


def _nobody(texts: pl.DataFrame, fields: FieldMap) -> _Check:
    subject = [name for name in SUBJECT[fields.feed.source] if name in texts.columns]
    silent = texts.select(pl.all_horizontal(pl.col(name).is_null() for name in subject))
    return _Check(silent.to_series(), "no_subject", subject[0] if subject else "")


def _split(
    made: pl.DataFrame,
    texts: pl.DataFrame,
    checks: list[_Check],
    parsed: Parsed,
    fields: FieldMap,
) -> tuple[pl.DataFrame, list[Reject]]:
    failing = [check for check in checks if check.failed.any()]
    if not failing:
        return made, list(parsed.rejects)
    first: dict[int, _Check] = {}
    for check in failing:
        for row in check.failed.fill_null(False).arg_true().to_list():
            first.setdefault(row, check)
    raw = parsed.raw()
    rejects = [
        Reject(int(parsed.lines[row]), check.reason, _detail(check, texts, row, fields), raw[row])
        for row, check in sorted(first.items())
    ]
    good = ~pl.int_range(len(made), eager=True).is_in(list(first))
    return made.filter(good), [*parsed.rejects, *rejects]


_SENTENCES = {
    "nul_byte": "{theirs} is {value!r}: a NUL byte in it",
    "unknown_site": "{theirs} is {value!r}: there is no such [site.NAME]",
    "no_stamp": "{theirs} is empty: the line says no time",
    "bad_stamp": "{theirs} is {value!r}: no time of the form {form}",
    "stamp_in_dst_gap": "{theirs} is {value!r}: the clocks of that place skipped this hour",
    "bad_number": "{theirs} is {value!r}: no whole number of 64 bits",
    "bad_boolean": "{theirs} is {value!r}: neither a yes nor a no",
    "no_subject": "{theirs} is empty: the line speaks of nobody",
}


def _detail(check: _Check, texts: pl.DataFrame, row: int, fields: FieldMap) -> str:
    theirs = " or ".join(fields.theirs.get(check.column, (check.column,)))
    given = texts[check.column][row : row + 1] if check.column in texts.columns else None
    value = given.cast(pl.String).item() if given is not None else None
    value = value[:80] if isinstance(value, str) else value
    form = fields.feed.stamp or "ISO 8601"
    if check.reason == "bad_stamp" and isinstance(value, str) and _YEARLESS.search(value):
        form += "; it says no year: let the sender write RFC 3339 stamps"
    return _SENTENCES[check.reason].format(theirs=theirs, value=value, form=form)[:200]


# The stamp of a syslog line after RFC 3164.
_YEARLESS = re.compile(r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d$")
