"""A [[feed]] is checked before any file is read: names, words, patterns, stamps.

Knows the schema and what nightporter.toml says, no file.
"""

import re
from datetime import datetime

import polars as pl

from nightporter.config import Feed, Settings
from nightporter.errors import did_you_mean
from nightporter.schema import REQUIRED, TABLES, WORDS, mappable
from nightporter.sources.fields import SITE, FieldMap
from nightporter.sources.stamps import EPOCHS, chrono


def field_map(settings: Settings, feed: Feed) -> FieldMap:
    """Return the checked field map of `feed`; raise ConfigError for what no file could mend."""
    fields = FieldMap(settings, feed, [f.name for f in settings.feed].index(feed.name))
    _check_names(fields)
    _check_values(fields)
    _check_constants(fields)
    _check_patterns(fields)
    _check_reading(fields)
    return fields


def _check_names(fields: FieldMap) -> None:
    feed, valid = fields.feed, mappable(fields.feed.source)
    for table, keys in (("fields", feed.fields), ("constants", feed.constants)):
        for ours in keys:
            if ours not in valid:
                hint = did_you_mean(ours, valid)
                if ours == SITE:
                    hint = 'the column that names the site goes into site_column = "..."'
                raise fields.fault(f"{feed.source} has no column {ours!r}", table, ours, hint=hint)
    for ours in REQUIRED[feed.source]:
        if ours not in feed.fields and ours not in feed.constants:
            hint = f'add  {ours} = "the log\'s name for it"  under [feed.fields]'
            message = f"the {feed.source} feed {feed.name} does not map {ours!r}"
            raise fields.fault(message, "fields", hint=hint)
    if "ts" in feed.constants:
        raise fields.fault("not every event has the same ts", "constants", "ts")
    for ours in sorted(feed.fields.keys() & feed.constants.keys()):
        raise fields.fault(f"{ours} is both a field and a constant", "constants", ours)


def _check_values(fields: FieldMap) -> None:
    feed = fields.feed
    words = {**WORDS[feed.source], SITE: tuple(fields.settings.site)}
    mappings = [("values", *each) for each in feed.values.items()]
    for table, column, mapping in mappings + [("patterns", *e) for e in feed.patterns.items()]:
        if column not in (*mappable(feed.source), SITE):
            hint = did_you_mean(column, words)
            raise fields.fault(f"no column {column!r} to map values of", table, column, hint=hint)
        for theirs, word in mapping.items():
            if column in words and word not in words[column]:
                hint = did_you_mean(word, words[column])
                message = f"{feed.source} knows no {column} {word!r}"
                raise fields.fault(message, table, column, theirs, hint=hint)


def _check_constants(fields: FieldMap) -> None:
    source = fields.feed.source
    for column, word in fields.feed.constants.items():
        kind = TABLES[source].columns[column]
        valid = WORDS[source].get(column, ("true", "false") if kind == pl.Boolean else None)
        if valid and word not in valid:
            hint = did_you_mean(word, valid)
            raise fields.fault(f"{column} cannot be {word!r}", "constants", column, hint=hint)
        if kind == pl.Int64 and not re.fullmatch(r"-?\d{1,18}", word):
            raise fields.fault(f"{column} must be a whole number", "constants", column)


def _check_patterns(fields: FieldMap) -> None:
    feed = fields.feed
    for column, mapping in feed.patterns.items():
        for pattern in mapping:
            _groups(fields, pattern, "patterns", column, pattern)
    for table, columns in (("extract", feed.extract), ("automated", feed.automated)):
        for ours in columns:
            if ours not in fields.theirs:
                hint = did_you_mean(ours, fields.theirs)
                raise fields.fault(f"no field {ours!r} to search in", table, ours, hint=hint)
    for ours, pattern in feed.extract.items():
        if len(_groups(fields, pattern, "extract", ours)) != 1:
            hint = "one pair of round brackets says what is taken; (?:...) groups without taking"
            raise fields.fault("the pattern needs exactly one group", "extract", ours, hint=hint)
    for ours, patterns in feed.automated.items():
        for pattern in patterns:
            _groups(fields, pattern, "automated", ours)
    if feed.automated and "automated" not in mappable(feed.source):
        raise fields.fault(f"{feed.source} does not know machines from people", "automated")


def _groups(fields: FieldMap, pattern: str, *key: str) -> list[str]:
    """Return the groups of a regular expression, as the engine that will search counts them."""
    nothing = pl.DataFrame({"text": [""]})
    try:
        nothing.select(pl.col("text").str.contains(pattern))
        # Polars refuses to extract groups where there is none.
        if not re.search(r"(?<!\\)(?:\\\\)*\((?!\?)|\(\?P?<", pattern):
            return []
        found = nothing.select(pl.col("text").str.extract_groups(pattern)).to_series()
    except pl.exceptions.PolarsError as error:
        message = str(error).split("This error occurred")[0].strip().splitlines()[-1]
        hint = "Rust's syntax: no look-around, no back-references"
        raise fields.fault(f"not a regular expression: {message}", *key, hint=hint) from None
    return found.struct.fields


def _check_reading(fields: FieldMap) -> None:
    feed = fields.feed
    if feed.pattern is not None:
        groups = _groups(fields, feed.pattern, "pattern")
        for name in fields.columns:
            if name not in groups:
                message = f"the pattern has no group named {name!r}"
                raise fields.fault(message, *fields.place(name), hint=did_you_mean(name, groups))
    if feed.delimiter == feed.quote or {feed.delimiter, feed.quote} & set("\r\n\0"):
        raise fields.fault("delimiter and quote cannot be told apart", "delimiter")
    if feed.stamp and _lacks_year(feed.stamp):
        message = f"{feed.stamp!r} says no year, and none is guessed"
        hint = (
            "let the sender write RFC 3339 stamps (rsyslog: RSYSLOG_FileFormat, syslog-ng:"
            " ts-format(iso)); old files need their year written into each line"
        )
        raise fields.fault(message, "stamp", hint=hint)
    if feed.stamp and feed.stamp not in EPOCHS and not _reads_back(chrono(feed.stamp)):
        hint = 'such as "%d.%m.%Y %H:%M:%S.%f" or "%Y%m%d%H%M%S,%3f", epoch_s or epoch_ms'
        raise fields.fault(f"{feed.stamp!r} is no date and time", "stamp", hint=hint)


def _lacks_year(form: str) -> bool:
    dated = re.search(r"%[-_0]?[bBhmdej]", form)
    return bool(dated) and not re.search(r"%[-_0]?[YyCGgDFxcsv+]", form)


def _reads_back(form: str) -> bool:
    """Say whether a day written in this form can be read again."""
    if "%f" in form:
        # Alone, chrono's %f counts nanoseconds: other than everybody expects.
        return False
    now = pl.Series([datetime(2024, 5, 17, 13, 14, 15)], dtype=pl.Datetime("us", "UTC"))
    try:
        read = now.dt.to_string(form).str.to_datetime(form, strict=False)
    except pl.exceptions.PolarsError:
        return False
    return bool((read.dt.date() == now.dt.date()).all())
