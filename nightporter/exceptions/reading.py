"""Reads exceptions/*.toml; every fault names its line and the nearest valid word.

Knows files, people and detectors' columns; no finding.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nightporter.config import ConfigError, Settings, line_of
from nightporter.config.faults import fault_at, faults_in, parse
from nightporter.errors import did_you_mean
from nightporter.exceptions.words import EVERY, GROUPS, MOST_BREADTH, WHO, Entry, Written
from nightporter.schema import SOURCES, mappable

FOLDER = "exceptions"

# Columns of events by which every finding can be told: it stands on events.
_EVENTS = frozenset(column for source in SOURCES for column in mappable(source)) - {
    "ts", "record_id", "bytes", "automated", "encrypted",
}  # fmt: skip

# What each detector returns; None where its file does not tell.
Columns = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True)
class Site:
    """What exceptions are checked against: the detectors, and the context files as read."""

    detectors: Columns
    tables: Mapping[str, pl.DataFrame]

    def people(self) -> pl.DataFrame:
        return self.tables.get("people", pl.DataFrame())

    def persons(self, name: str) -> set[str]:
        """Return who `name` may be: that user id, and the person with such an account."""
        accounts = self.tables.get("accounts", pl.DataFrame())
        said = {_same(name)}
        if "user_id" in accounts.columns:
            mine = accounts.filter(pl.col("account").str.to_lowercase() == _same(name))
            said |= {_same(user) for user in mine["user_id"].drop_nulls()}
        return said


@dataclass(frozen=True)
class Read:
    """The exceptions of all files, sorted by name, and every fault in them."""

    entries: tuple[Entry, ...]
    faults: tuple[ConfigError, ...]


def load_exceptions(settings: Settings, site: Site) -> tuple[Entry, ...]:
    """Return the exceptions of the workspace; raise ConfigError for the first fault."""
    read = read_exceptions(settings, site)
    for fault in read.faults:
        raise fault
    return read.entries


def read_exceptions(settings: Settings, site: Site) -> Read:
    """Read every file of exceptions/, with every fault of each exception.

    What its words mean is asked of one whose every word is of the right kind.
    """
    entries: dict[str, Entry] = {}
    faults: list[ConfigError] = []
    for path in sorted((settings.root / FOLDER).glob("*.toml")):
        try:
            sheet = _Sheet.read(path, settings.root)
        except ConfigError as error:
            faults.append(error)
            continue
        for name, values in sheet.tables.items():
            entry, wrong = _judged(sheet, name, values, site)
            faults += wrong
            if entry and name in entries:
                other = f"{entries[name].file}:{entries[name].line}"
                hint = f"also {other}"
                faults.append(sheet.fault(f"a second exception {name}", name, hint=hint))
            elif entry:
                entries[name] = entry
    return Read(tuple(entries[name] for name in sorted(entries)), tuple(faults))


@dataclass(frozen=True)
class _Sheet:
    """One file: its text, and the tables below [exception]."""

    path: Path
    shown: str
    text: str
    tables: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, root: Path) -> "_Sheet":
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
        except UnicodeDecodeError:
            raise ConfigError("not UTF-8", path=path) from None
        raw = parse(path, text)
        for key in raw:
            if key != "exception":
                hint = did_you_mean(key, ["exception"]) + "; each is a table [exception.NAME]"
                line = line_of(text, _place(raw, key))
                raise fault_at(path, text, f"unknown key {key!r}", line, hint)
        tables = raw.get("exception", {})
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            hint = "each is a table [exception.NAME]"
            line = line_of(text, _place(raw, "exception"))
            raise fault_at(path, text, "exception is no table of tables", line, hint)
        return cls(path, str(path.relative_to(root)), text, tables)

    def line(self, *place: str) -> int | None:
        return line_of(self.text, ("exception", *place))

    def fault(self, message: str, *place: str, hint: str | None = None) -> ConfigError:
        return fault_at(self.path, self.text, message, self.line(*place), hint)


def _place(raw: Mapping[str, Any], key: str) -> tuple[str | int, ...]:
    """Where `key` first stands: it may be but the first word of a header."""
    match raw[key]:
        case dict(inner) if inner:
            return (key, next(iter(inner)))
        case [*_]:
            return (key, 0)
    return (key,)


def _judged(
    sheet: _Sheet, name: str, values: dict[str, Any], site: Site
) -> tuple[Entry | None, list[ConfigError]]:
    wrong = [
        *_name_faults(sheet, name),
        *faults_in(Written, sheet.path, sheet.text, values, ("exception", name)),
    ]
    if wrong:
        return None, wrong
    written = Written.model_validate(values)
    wrong = [
        *_word_faults(sheet, name, written, site),
        *_people_faults(sheet, name, written, site),
    ]
    return None if wrong else _entry(sheet, name, written, site), wrong


def _name_faults(sheet: _Sheet, name: str) -> Iterator[ConfigError]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        hint = "letters, digits, _ and -, at most 64"
        yield sheet.fault(f"{name!r} is no name for an exception", name, hint=hint)


def _entry(sheet: _Sheet, name: str, written: Written, site: Site) -> Entry:
    return Entry(
        name,
        sheet.shown,
        sheet.line(name),
        () if EVERY in written.detector else tuple(sorted(written.detector)),
        _people(written, site),
        tuple(sorted({each for who in _responsible(written) for each in site.persons(who)})),
        written.who,
        written.what,
        written.first,
        written.until,
        written.owner,
        written.approved_by,
        written.reason,
        written.ticket,
    )


def _word_faults(sheet: _Sheet, name: str, written: Written, site: Site) -> Iterator[ConfigError]:
    for column in written.who:
        if column not in WHO:
            hint = did_you_mean(column, WHO)
            yield sheet.fault(f"nobody is told by {column!r}", name, "who", column, hint=hint)
    for detector in written.detector:
        if detector not in (EVERY, *site.detectors):
            message = f"no detector is called {detector!r}"
            hint = did_you_mean(detector, site.detectors)
            yield sheet.fault(message, name, "detector", hint=hint)
    valid = _columns(written, site)
    for column in written.what:
        if column in WHO:
            yield sheet.fault(f"{column} is no thing", name, "what", column, hint="see `who`")
        elif valid is not None and column not in valid:
            hint = did_you_mean(column, valid)
            yield sheet.fault(f"no column {column!r}", name, "what", column, hint=hint)
        elif not re.fullmatch(r"\w+", column):
            yield sheet.fault(f"{column!r} is no column", name, "what", column)


def _columns(written: Written, site: Site) -> frozenset[str] | None:
    """Return what a finding of its detectors can be told by; None where that is not known."""
    every = EVERY in written.detector
    named = site.detectors if every else written.detector
    known = [site.detectors.get(name) for name in named]
    # One file among all that does not tell must not let every misspelt word pass.
    if None in known and not every:
        return None
    return _EVENTS.union(*(columns or () for columns in known)) - {"day", "events", "candidates"}


def _people_faults(sheet: _Sheet, name: str, written: Written, site: Site) -> Iterator[ConfigError]:
    covered = {_same(user) for user in written.who.get("user_id", ())}
    for role, said in (("owner", written.owner), ("approved_by", written.approved_by)):
        if said is not None and (own := covered & site.persons(said)):
            yield sheet.fault(f"{min(own)} may not excuse themselves", name, role)
    if written.approved_by is not None:
        if site.persons(written.approved_by) & site.persons(written.owner):
            hint = "a second person, not the owner, approves"
            yield sheet.fault("its owner approves it", name, "approved_by", hint=hint)
        return
    if written.breadth > MOST_BREADTH:
        hint = "name fewer people, things or days, or let a second person approve: approved_by"
        days = (written.until - written.first).days + 1
        message = (
            f"too broad for one person: {written.people:,} people x {written.things:,} things"
            f" x {days} days = {written.breadth:,}, above {MOST_BREADTH:,}"
        )
        yield sheet.fault(message, name, hint=hint)
    if EVERY in written.detector:
        hint = "name the detectors, or let a second person approve: approved_by"
        yield sheet.fault("every detector is too many for one person", name, "detector", hint=hint)


def _people(written: Written, site: Site) -> tuple[str, ...] | None:
    """Return the people it covers today: those whom all its words mean."""
    if not written.who:
        return None
    meant = [set(map(_called, written.who["user_id"]))] if "user_id" in written.who else []
    meant += [_members(site, group, written.who[group]) for group in GROUPS if group in written.who]
    return tuple(sorted(set.intersection(*meant)))


def _called(user: str) -> str:
    """Whom no register knows is called in small letters, whatever the log and the file say."""
    return user.lower() if user.startswith(("account:", "host:")) else user


def _members(site: Site, group: str, names: tuple[str, ...]) -> set[str]:
    people = site.people()
    if group not in people.columns:
        return set()
    return set(people.filter(pl.col(group).is_in(list(names)))["user_id"].drop_nulls())


def _responsible(written: Written) -> Iterator[str]:
    yield written.owner
    if written.approved_by is not None:
        yield written.approved_by


def doubts(settings: Settings, entries: Iterable[Entry], site: Site) -> Iterator[ConfigError]:
    """Yield what a night accepts and somebody should look at: words that mean nobody.

    They come from a register that changes by itself, and hide nothing.
    """
    people = site.people()
    for entry in entries:
        path = settings.root / entry.file
        sheet = _Sheet.read(path, settings.root)
        for group in GROUPS:
            known = set(people[group].drop_nulls()) if group in people.columns else set()
            for name in entry.who.get(group, ()):
                if name not in known:
                    hint = did_you_mean(name, known) if known else f"people.csv has no {group}"
                    message = f"nobody's {group} is {name!r}"
                    yield sheet.fault(message, entry.name, "who", group, hint=hint)
        users = people["user_id"].drop_nulls() if "user_id" in people.columns else ()
        for name in entry.who.get("user_id", ()):
            # Whom no register knows has an id such as account:x or host:pc1.
            if len(users) and ":" not in name and name not in users:
                message = f"nobody's user_id is {name!r}"
                yield sheet.fault(message, entry.name, "who", "user_id", hint=_near(name, users))
        persons = {_same(user) for user in users}
        for role, said in (("owner", entry.owner), ("approved_by", entry.approved_by)):
            if said is not None and persons and not site.persons(said) & persons:
                hint = _near(_same(said), persons)
                yield sheet.fault(f"people.csv has no {said!r}", entry.name, role, hint=hint)


def _near(user: str, users: Iterable[str]) -> str:
    """Hint at the nearest few: all people would be no hint."""
    near = difflib.get_close_matches(user, list(users), n=5, cutoff=0.6)
    return did_you_mean(user, near) if near else "a user_id of context/people.csv"


def _same(name: str) -> str:
    return name.strip().lower()
