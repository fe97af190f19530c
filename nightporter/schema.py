"""The shapes of the lake's tables: columns, types, and the words that enumerations allow.

Knows nothing of files or queries. `docs/tables.md` is checked against it.
"""

import polars as pl

from nightporter.ranked import RANKED
from nightporter.shapes import INSTANT, PERSON_TABLES, TEXT, WALL_CLOCK, Kind, Table, flagged_tables

SOURCES = ("access", "usb", "badge")

_FIRST: dict[str, Kind] = {
    "ts": INSTANT,
    "local_ts": WALL_CLOCK,
    "day": pl.Date,
    "site": TEXT,
    "feed": TEXT,
    "file_id": TEXT,
    "line": pl.Int64,
    "record_id": TEXT,
}
_LAST: dict[str, Kind] = {"app_action": TEXT, "ingested_at": INSTANT}

# What no log says but ingest knows: where the row came from and when.
PROVENANCE = ("file_id", "line", "ingested_at")
# What no feed can map: ingest derives it.
DERIVED = ("local_ts", "day", "site", "feed", "app_action", *PROVENANCE)

_OWN: dict[str, dict[str, Kind]] = {
    "access": {
        **dict.fromkeys(("account", "host", "action", "outcome", "resource"), TEXT),
        **dict.fromkeys(("resource_id", "label"), TEXT),
        "bytes": pl.Int64,
        **dict.fromkeys(("src_ip", "app", "process", "session_id"), TEXT),
        **dict.fromkeys(("logon_type", "actor"), TEXT),
        "automated": pl.Boolean,
    },
    "usb": {
        **dict.fromkeys(("account", "host", "action", "outcome", "device_id"), TEXT),
        **dict.fromkeys(("serial_quality", "bus", "device_class", "vendor", "product"), TEXT),
        "encrypted": pl.Boolean,
        **dict.fromkeys(("resource", "resource_id", "label"), TEXT),
        "bytes": pl.Int64,
        "automated": pl.Boolean,
    },
    "badge": dict.fromkeys(
        ("badge_id", "door_id", "direction", "action", "outcome", "reason"), TEXT
    ),
}

# Columns that hold one of a few words, and the word for what maps to none of them.
OUTCOMES = ("success", "failure", "unknown")
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "access": {
        "action": tuple(
            """logon logoff logon_failed lock unlock view preview download sync copy write
            rename delete print upload archive share admin_change log_cleared other""".split()
        ),
        "outcome": OUTCOMES,
    },
    "usb": {
        "action": ("connect", "disconnect", "write", "read", "blocked", "eject", "other"),
        "outcome": OUTCOMES,
        "serial_quality": ("real", "generated", "duplicate", "unknown"),
        "device_class": tuple(
            "mass_storage mtp ptp audio video hid network card_reader other".split()
        ),
    },
    "badge": {
        "action": tuple(
            """entry exit granted denied no_entry door_opened door_closed held_open forced
            key_override request_to_exit unlocked mode_changed passback duress tamper offline
            online card_changed rights_changed other""".split()
        ),
        "direction": ("in", "out", "unknown"),
        "outcome": OUTCOMES,
        "reason": tuple("unknown_card expired no_right wrong_time passback pin other".split()),
    },
}

# What stands in a column that the feed does not map at all.
DEFAULTS: dict[str, dict[str, str]] = {
    "access": {"outcome": "success"},
    "usb": {"outcome": "success", "device_class": "mass_storage", "serial_quality": "real"},
    "badge": {"outcome": "success", "direction": "unknown"},
}

# What a feed must map (or give as a constant) to be of any use.
REQUIRED: dict[str, tuple[str, ...]] = {
    "access": ("ts", "account", "action"),
    "usb": ("ts", "host", "action"),
    "badge": ("ts", "door_id", "action"),
}

# At least one of these must have a value, else the line speaks of nobody.
SUBJECT: dict[str, tuple[str, ...]] = {
    "access": ("account",),
    "usb": ("account", "host"),
    "badge": ("badge_id", "door_id"),
}


def _events(source: str) -> Table:
    return Table(source, {**_FIRST, **_OWN[source], **_LAST}, ("day",))


_TABLES = (
    *(_events(source) for source in SOURCES),
    Table(
        "rejects",
        {
            "feed": TEXT,
            "file_id": TEXT,
            "line": pl.Int64,
            "reason": TEXT,
            "detail": TEXT,
            "raw": pl.Binary,
            "ingested_at": INSTANT,
        },
    ),
    Table(
        "loads",
        {
            **dict.fromkeys(("feed", "source", "file_id", "path"), TEXT),
            **dict.fromkeys(("bytes", "lines", "header_lines", "blank_lines"), pl.Int64),
            **dict.fromkeys(("accepted", "rejected", "duplicates"), pl.Int64),
            **dict.fromkeys(("ignored", "future"), pl.Int64),
            "days": pl.List(pl.Struct({"day": pl.Date, "site": TEXT, "events": pl.Int64})),
            "first_ts": INSTANT,
            "last_ts": INSTANT,
            "reader": pl.Int64,
            "ingested_at": INSTANT,
        },
    ),
    *PERSON_TABLES,
    Table(
        "host_day",
        {
            **dict.fromkeys(("host", "user_id", "owner"), TEXT),
            "day": pl.Date,
            **dict.fromkeys(("logons", "off_hours", "owner_days"), pl.Int64),
            "share": pl.Float64,
        },
        ("day",),
    ),
    Table(
        "feed_day",
        {
            **dict.fromkeys(("feed", "source", "site"), TEXT),
            "day": pl.Date,
            "day_type": TEXT,
            **dict.fromkeys(("events", "rejects"), pl.Int64),
            **dict.fromkeys(("usual", "expected_low"), pl.Float64),
            "last_day": pl.Date,
            **dict.fromkeys(("complete", "silent"), pl.Boolean),
        },
        ("day",),
    ),
    Table(
        "feed_hour",
        {
            **dict.fromkeys(("feed", "site"), TEXT),
            "day": pl.Date,
            **dict.fromkeys(("hour", "events"), pl.Int64),
            **dict.fromkeys(("first_at", "last_at"), WALL_CLOCK),
        },
        ("day",),
    ),
    Table(
        "findings",
        {
            **dict.fromkeys(
                ("finding_id", "detector", "version", "title", "level", "status", "tactic"), TEXT
            ),
            "about": TEXT,
            "user_id": TEXT,
            "candidates": pl.List(TEXT),
            "day": pl.Date,
            "first_at": INSTANT,
            "last_at": INSTANT,
            "sentence": TEXT,
            "tags": pl.List(TEXT),
            "columns": TEXT,
            "surprise": pl.Float64,
            "case_id": TEXT,
            "suppressed_by": TEXT,
            "found_at": INSTANT,
            "changed_at": INSTANT,
        },
        ("day",),
    ),
    Table(
        "finding_history",
        {
            "finding_id": TEXT,
            "day": pl.Date,
            **dict.fromkeys(("status", "version", "sentence", "columns"), TEXT),
            "changed_at": INSTANT,
            "run_id": TEXT,
        },
        ("day",),
    ),
    Table(
        "evidence",
        {
            **dict.fromkeys(("finding_id", "detector"), TEXT),
            "day": pl.Date,
            **dict.fromkeys(("event", "source"), TEXT),
            "ts": INSTANT,
            "local_ts": WALL_CLOCK,
            **dict.fromkeys(("user_id", "action", "place", "object", "feed", "file_id"), TEXT),
            "line": pl.Int64,
            "record": TEXT,
        },
        ("day",),
    ),
    *flagged_tables({**_FIRST, **_OWN["access"], **_OWN["usb"], **_OWN["badge"]}),
    *(Table(name, *shape) for name, shape in RANKED.items()),
    Table(
        "verdicts",
        {
            "act_id": TEXT,
            "said_at": INSTANT,
            **dict.fromkeys(
                ("account", "analyst", "case_id", "user_id", "act", "value", "note"), TEXT
            ),
            "day": pl.Date,
            "second": pl.Boolean,
            "risk": pl.Float64,
            "kinds": pl.List(TEXT),
            "days": pl.List(pl.Date),
        },
    ),
    Table(
        "exceptions",
        {
            **dict.fromkeys(("name", "file"), TEXT),
            **dict.fromkeys(("detectors", "people"), pl.List(TEXT)),
            **dict.fromkeys(("who", "what"), TEXT),
            **dict.fromkeys(("first", "until"), pl.Date),
            **dict.fromkeys(("owner", "approved_by", "reason", "ticket", "digest"), TEXT),
        },
    ),
    Table("registers", dict.fromkeys(("register", "key", "user_id", "digest"), TEXT), ()),
    Table(
        "windows",
        {
            **dict.fromkeys(("stage", "version", "status", "reason", "run_id"), TEXT),
            "day": pl.Date,
            **dict.fromkeys(("events", "lake_version", "rows", "ms"), pl.Int64),
            "open": pl.Boolean,
        },
        ("day",),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def mappable(source: str) -> list[str]:
    """Return the columns of `source` that a feed can fill, `ts` and `record_id` among them."""
    return [column for column in TABLES[source].columns if column not in DERIVED]
