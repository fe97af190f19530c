"""A feed's field map: which of the log's columns fill which of ours, and what a file must have.

Knows nightporter.toml, not how a file is parsed.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightporter.config import Feed, Settings, fault
from nightporter.errors import ConfigError, LogError, did_you_mean
from nightporter.schema import REQUIRED

SITE = "site"
BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class FieldMap:
    """`theirs` of each of our columns, and the place of each in nightporter.toml."""

    settings: Settings
    feed: Feed
    at: int

    @property
    def theirs(self) -> dict[str, tuple[str, ...]]:
        """Return ours -> theirs, first choice first; the column that names the site is ours."""
        site = {SITE: (self.feed.site_column,)} if self.feed.site_column else {}
        return {**self.feed.fields, **site}

    @property
    def names(self) -> list[str]:
        """Return every name of the log that is read, once; dots may reach into JSON."""
        mapped = (name for texts in self.theirs.values() for text in texts for name in named(text))
        return list(dict.fromkeys([*mapped, *self.feed.only]))

    @property
    def columns(self) -> list[str]:
        """Return what a format must deliver: `names`, or the JSON columns that they reach into."""
        single = [self.feed.single] if self.feed.single else []
        return list(dict.fromkeys([*map(self.column, self.names), *single]))

    def column(self, name: str) -> str:
        """Return the column of the file that holds `name`."""
        above = (each for each in self.feed.json_columns if name.startswith(f"{each}."))
        return max(above, key=len, default=name)

    def fault(self, message: str, *key: str, hint: str | None = None) -> ConfigError:
        """Return a ConfigError at the line of this feed's `key`, or of its preset's."""
        return fault(self.settings, message, "feed", self.at, *key, hint=hint)

    def log_fault(self, message: str, *key: str, hint: str | None = None) -> LogError:
        """Return a LogError at the line of this feed's `key`."""
        error = self.fault(message, *key, hint=hint)
        return LogError(message, path=error.path, line=error.line, text=error.text, hint=hint)

    def place(self, name: str) -> tuple[str, ...]:
        """Return the key that asks for the log's `name`."""
        ours = next((o for o, texts in self.theirs.items() if name in _all_named(texts)), None)
        if ours is None:
            return ("only", name)
        return ("site_column",) if ours == SITE else ("fields", ours)

    def missing(self, name: str, log: Path, columns: Sequence[str]) -> ConfigError:
        """Return the error of a mapped column `name` that `log` does not have."""
        message = f"{_short(log, self.settings.root)} has no column {name!r}"
        return self.fault(message, *self.place(name), hint=did_you_mean(name, columns))

    def doubtful(self, absent: Sequence[str], keys: Sequence[str], many: bool) -> list[str]:
        """Return the names among `absent`, which some objects may lack, that look like slips.

        A name is one if no event is of use without it, if it resembles a key that nothing maps,
        or if `many` objects lack it and no tested preset says that some may. Where several names
        may fill a column one is enough; where `only` picks the lines, no other name is doubted.
        """
        if self.feed.only:
            return [name for name in self.feed.only if name in absent]
        unmapped = [key for key in keys if key not in self.names]
        return [
            name
            for ours, texts in self.theirs.items()
            if not self._usable(texts, lambda name: name not in absent)
            for name in _all_named(texts)
            if name in absent
            and (
                self._is_needed(ours)
                or _resembles(name, unmapped)
                or (many and self.feed.preset is None)
            )
        ]

    def _is_needed(self, ours: str) -> bool:
        return ours == SITE or ours in REQUIRED[self.feed.source]

    def check_columns(self, log: Path, columns: Sequence[str]) -> None:
        """Raise ConfigError for the first mapped column that `columns` lacks or has twice.

        Of several that may fill one of ours, one is enough.
        """
        wanted = [self.theirs[ours] for ours in self.theirs] + [(name,) for name in self.feed.only]
        for texts in wanted:
            if not self._usable(texts, lambda name: self.column(name) in columns):
                lacking = (n for n in named(texts[0]) if self.column(n) not in columns)
                raise self.missing(self.column(next(lacking)), log, columns)
        for name in self.columns:
            if columns.count(name) > 1:
                message = f"{_short(log, self.settings.root)} has two columns {name!r}"
                raise LogError(message, path=log, line=1, hint="rename one of them in the export")

    @staticmethod
    def _usable(texts: Iterable[str], has: Callable[[str], bool]) -> list[str]:
        return [text for text in texts if all(map(has, named(text)))]


def _short(log: Path, root: Path) -> str:
    return str(log.relative_to(root)) if log.is_relative_to(root) else str(log)


def _resembles(name: str, keys: Sequence[str]) -> bool:
    return bool(difflib.get_close_matches(name, keys, n=1, cutoff=0.7))


def named(theirs: str) -> list[str]:
    """Return the columns that `theirs` reads: its own name, or those in the template's braces."""
    return BRACES.findall(theirs) or [theirs]


def _all_named(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in named(text)]
