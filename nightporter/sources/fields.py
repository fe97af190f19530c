"""A feed's field map: which of the log's columns fill which of ours, checked before reading.

Knows nightporter.toml and the schema, not how a file is parsed.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from nightporter.config import Feed, Settings, fault
from nightporter.errors import ConfigError, LogError, did_you_mean
from nightporter.schema import REQUIRED, TABLES, WORDS, mappable
from nightporter.sources.stamps import EPOCHS, chrono

SITE = "site"
_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class FieldMap:
    """`theirs` of each of our columns, and the place of each in nightporter.toml."""

    settings: Settings
    feed: Feed
    at: int

    @property
    def theirs(self) -> dict[str, str]:
        """Return ours -> theirs; the column that names the site counts as ours."""
        site = {SITE: self.feed.site_column} if self.feed.site_column else {}
        return {**self.feed.fields, **site}

    @property
    def names(self) -> list[str]:
        """Return every column of the log that is read, once."""
        return list(dict.fromkeys(name for text in self.theirs.values() for name in named(text)))

    def fault(self, message: str, *key: str, hint: str | None = None) -> ConfigError:
        """Return a ConfigError at the line of this feed's `key`."""
        return fault(self.settings, message, "feed", self.at, *key, hint=hint)

    def log_fault(self, message: str, *key: str, hint: str | None = None) -> LogError:
        """Return a LogError at the line of this feed's `key`."""
        error = self.fault(message, *key, hint=hint)
        return LogError(message, path=error.path, line=error.line, text=error.text, hint=hint)

    def place(self, ours: str) -> tuple[str, ...]:
        """Return the key in nightporter.toml that maps `ours`."""
        return ("site_column",) if ours == SITE else ("fields", ours)

    def missing(self, name: str, log: Path, columns: Sequence[str]) -> ConfigError:
        """Return the error of a mapped column `name` that `log` does not have."""
        ours = next(ours for ours, text in self.theirs.items() if name in named(text))
        message = f"{_short(log, self.settings.root)} has no column {name!r}"
        hint = did_you_mean(name, columns)
        return self.fault(message, *self.place(ours), hint=hint)

    def is_doubtful(self, name: str, keys: Sequence[str]) -> bool:
        """Say whether `name`, which some objects may lack, looks like a slip of the pen.

        It is one if no event is of use without it, or if it resembles a key that nothing maps.
        """
        ours = next(ours for ours, text in self.theirs.items() if name in named(text))
        unmapped = [key for key in keys if key not in self.names]
        near = difflib.get_close_matches(name, unmapped, n=1, cutoff=0.7)
        return bool(near) or ours == SITE or ours in REQUIRED[self.feed.source]

    def check_columns(self, log: Path, columns: Sequence[str]) -> None:
        """Raise ConfigError for the first mapped column that `columns` lacks or has twice."""
        for name in self.names:
            if name not in columns:
                raise self.missing(name, log, columns)
            if columns.count(name) > 1:
                message = f"{_short(log, self.settings.root)} has two columns {name!r}"
                raise LogError(message, path=log, line=1, hint="rename one of them in the export")


def _short(log: Path, root: Path) -> str:
    return str(log.relative_to(root)) if log.is_relative_to(root) else str(log)


def named(theirs: str) -> list[str]:
    """Return the columns that `theirs` reads: its own name, or those in the template's braces."""
    return _BRACES.findall(theirs) or [theirs]


def field_map(settings: Settings, feed: Feed) -> FieldMap:
    """Return the checked field map of `feed`; raise ConfigError for what no file could mend."""
    fields = FieldMap(settings, feed, [f.name for f in settings.feed].index(feed.name))
    _check_names(fields)
    _check_values(fields)
    _check_constants(fields)
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
    for column, mapping in feed.values.items():
        if column not in (*mappable(feed.source), SITE):
            hint = did_you_mean(column, words)
            raise fields.fault(
                f"no column {column!r} to map values of", "values", column, hint=hint
            )
        for theirs, word in mapping.items():
            if column in words and word not in words[column]:
                hint = did_you_mean(word, words[column])
                message = f"{feed.source} knows no {column} {word!r}"
                raise fields.fault(message, "values", column, theirs, hint=hint)


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


def _check_reading(fields: FieldMap) -> None:
    feed = fields.feed
    if feed.delimiter == feed.quote or {feed.delimiter, feed.quote} & set("\r\n\0"):
        raise fields.fault("delimiter and quote cannot be told apart", "delimiter")
    if feed.stamp and feed.stamp not in EPOCHS and not _reads_back(chrono(feed.stamp)):
        hint = 'such as "%d.%m.%Y %H:%M:%S.%f" or "%Y%m%d%H%M%S,%3f", epoch_s or epoch_ms'
        raise fields.fault(f"{feed.stamp!r} is no date and time", "stamp", hint=hint)


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


def assemble(columns: pl.DataFrame, fields: FieldMap) -> pl.DataFrame:
    """Return the texts under our names, plus `site`; empty becomes null, constants are filled in.

    A column that comes typed, as Parquet's do, keeps its type; templates make text of it.
    """
    texts = {ours: _value(columns, theirs, fields) for ours, theirs in fields.theirs.items()}
    return columns.select(
        *(value.alias(ours) for ours, value in texts.items()),
        *(pl.lit(word).alias(ours) for ours, word in fields.feed.constants.items()),
    )


def _value(columns: pl.DataFrame, theirs: str, fields: FieldMap) -> pl.Expr:
    if not _BRACES.search(theirs):
        return _cleaned(columns, theirs, fields)
    names = named(theirs)
    literals = _BRACES.sub("\0", theirs).split("\0")
    parts: list[pl.Expr] = [pl.lit(literals[0])]
    for name, literal in zip(names, literals[1:], strict=True):
        value = _cleaned(columns, name, fields).cast(pl.String).fill_null("")
        parts += [value, pl.lit(literal)]
    silent = pl.all_horizontal(_cleaned(columns, name, fields).is_null() for name in names)
    return pl.when(~silent).then(pl.concat_str(parts))


def _cleaned(columns: pl.DataFrame, name: str, fields: FieldMap) -> pl.Expr:
    value = pl.col(name)
    if columns.schema[name] != pl.String:
        return value
    if fields.feed.trim:
        value = value.str.strip_chars()
    return pl.when(value != "").then(value)
