"""The features of `user_day` and the kinds of `seen`: one declaration each.

A declaration is a source, a predicate and an aggregate, so the events behind a number
are always known: they are the rows of that source that satisfy the predicate.
"""

from dataclasses import dataclass

# A document without a name is still one more: it counts by its event.
DOCUMENT = "coalesce(resource_id, resource, event)"


@dataclass(frozen=True)
class Feature:
    """One number by person and day; `floor` is the least that can ever be surprising.

    `beside` is another source without which the predicate is never true. `slow`: it is summed
    over weeks and months, too.
    """

    name: str
    source: str
    predicate: str
    aggregate: str = "count(*)"
    floor: float = 1.0
    beside: str | None = None
    slow: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a person can meet for the first time; `column` shows it."""

    name: str
    source: str
    predicate: str
    value: str
    column: str | None = None


# Of documents.
DISTINCT = f"count(DISTINCT {DOCUMENT})"
# Files that a program leaves behind, not a person: lock files, the recycle bin.
_FILE = " AND ".join(
    f"NOT contains(coalesce(resource, ''), '{left}')" for left in ("~$", "$RECYCLE.BIN")
)
_MEDIA = "device_class IN ('mass_storage', 'mtp', 'card_reader')"
# A phone that charges and a reader's empty slot connect too: only what is written to them counts.
_CONNECT = "action = 'connect' AND device_class = 'mass_storage'"
# A loose plug connects again and again, a stick with two volumes twice at once.
_PLUGGED = "count(DISTINCT (host, device_id, time_bucket(INTERVAL 10 MINUTES, ts)))"
_WRITE = f"action = 'write' AND {_MEDIA} AND outcome <> 'failure' AND {_FILE}"
_LOGON = "action IN ('logon', 'unlock') AND outcome <> 'failure'"
# By hand, at the keyboard or from afar; 3 is a share that is mounted, 4 and 5 are programs.
_BY_HAND = (
    "('2', '7', '10', '11', '13', 'interactive', 'unlock', 'cachedinteractive', 'console',"
    " 'remoteinteractive')"
)
_BY_HAND_LOGON = f"{_LOGON} AND coalesce(lower(logon_type) IN {_BY_HAND}, true)"
_ENTRY = "action IN ('entry', 'granted') AND outcome <> 'failure' AND direction <> 'out'"
_ACT = {
    "access": "action NOT IN ('logoff', 'lock', 'preview', 'sync')",
    "usb": "action NOT IN ('disconnect', 'eject')",
    "badge": _ENTRY,
}
_DONE = "outcome <> 'failure'"
# What detectors of labels look for, capital letters or not.
LABELS = (
    "confidential", "strictly confidential", "restricted", "classified", "secret", "top secret",
)  # fmt: skip
_LABELLED = f"coalesce(lower(label) IN {LABELS}, false)"
_TAKEN = "action IN ('download', 'copy', 'print', 'archive', 'upload', 'share')"
_OPENED = "action IN ('view', 'download', 'copy', 'print', 'archive', 'upload', 'share')"
# One file that holds all files: a disk of a virtual machine, a backup, a mailbox, a database.
_WHOLE = (
    "regexp_matches(lower(right(coalesce(resource, ''), 9)),"
    r" '\.(vmdk|vhdx?|qcow2|ova|vbk|bkf|tibx?|pst|edb|mdf|(sql|dump)\.gz)$|(^|[/\\])ntds\.dit$')"
)
# Of the words for an act, not of the names of files: a runbook is called after what it is about.
_WHOLE_ACT = (
    "regexp_matches(lower(concat_ws(' ', app_action, process)),"
    " 'mailboxexport|export-?vm|ntdsutil|wbadmin|pg_dump|mysqldump|mongodump|expdp|diskshadow"
    "|(backup|restore)[^/]{0,12}(backup|restore)')"
)
_PRIVILEGED = "account_kind = 'privileged'"
# Four hours after somebody came in while the office was empty.
_NIGHT_VISIT = "off_hours AND since_entry <= 240"

FEATURES: tuple[Feature, ...] = (
    Feature("downloads", "access", f"action = 'download' AND {_DONE}", DISTINCT, slow=True),
    Feature(
        "off_hours_downloads",
        "access",
        f"action = 'download' AND {_DONE} AND off_hours",
        DISTINCT,
        slow=True,
    ),
    Feature("views", "access", f"action = 'view' AND {_DONE}", DISTINCT, slow=True),
    Feature(
        "off_hours_views",
        "access",
        f"action = 'view' AND {_DONE} AND off_hours",
        DISTINCT,
        slow=True,
    ),
    Feature("deletes", "access", f"action = 'delete' AND {_DONE}", DISTINCT),
    Feature("prints", "access", f"action = 'print' AND {_DONE}", DISTINCT, slow=True),
    Feature("uploads", "access", f"action IN ('upload', 'share') AND {_DONE}", DISTINCT, slow=True),
    Feature("labelled_prints", "access", f"action = 'print' AND {_DONE} AND {_LABELLED}", DISTINCT),
    Feature("labelled_media_writes", "usb", f"{_WRITE} AND {_LABELLED}", DISTINCT),
    Feature("logons", "access", _LOGON),
    Feature("off_hours_logons", "access", f"{_LOGON} AND off_hours"),
    Feature("privileged_logons", "access", f"{_BY_HAND_LOGON} AND {_PRIVILEGED}"),
    Feature(
        "privileged_labelled_documents",
        "access",
        f"{_OPENED} AND {_DONE} AND {_LABELLED} AND {_PRIVILEGED}",
        DISTINCT,
    ),
    Feature(
        "bulk_paths",
        "access",
        f"{_DONE} AND (({_TAKEN} OR (action = 'view' AND {_PRIVILEGED})) AND {_WHOLE}"
        f" OR (action = 'admin_change' OR (action = 'other' AND {_PRIVILEGED})) AND {_WHOLE_ACT})",
        DISTINCT,
    ),
    Feature("bulk_paths", "usb", f"{_WRITE} AND {_WHOLE}", DISTINCT),
    Feature("media_writes", "usb", _WRITE, DISTINCT, slow=True),
    Feature("off_hours_media_writes", "usb", f"{_WRITE} AND off_hours", DISTINCT, slow=True),
    Feature("media_bytes", "usb", _WRITE, "sum(bytes)", floor=1_000_000, slow=True),
    Feature("media_connects", "usb", _CONNECT, _PLUGGED),
    Feature("entries", "badge", _ENTRY),
    Feature("off_hours_entries", "badge", f"{_ENTRY} AND off_hours"),
    Feature(
        "night_visit_documents",
        "access",
        f"{_TAKEN} AND {_DONE} AND {_NIGHT_VISIT}",
        DISTINCT,
        beside="badge",
    ),
    Feature(
        "night_visit_media_writes",
        "usb",
        f"{_WRITE} AND {_NIGHT_VISIT}",
        DISTINCT,
        beside="badge",
    ),
    # Half of any office starts a little early or leaves a little late: a night is further off.
    *(
        Feature("off_hours_activity", source, f"{act} AND off_minutes > 60")
        for source, act in _ACT.items()
    ),
)

_USED = f"(({_WRITE}) OR ({_CONNECT}))"

HOST_LOGON = f"{_BY_HAND_LOGON} AND NOT automated AND host IS NOT NULL"

KINDS: tuple[Kind, ...] = (
    Kind("device", "usb", f"{_USED} AND serial_quality = 'real'", "device_id", "device_id"),
    Kind("media", "usb", _USED, "'any'"),
    Kind("media_host", "usb", _USED, "host", "host"),
    Kind("host", "access", _LOGON, "host", "host"),
    Kind("door", "badge", _ENTRY, "door_id", "door_id"),
    Kind("badge", "badge", _ENTRY, "badge_id", "badge_id"),
    # The first step below the server, the drive or the site's address. Whom it refused, that
    # person has not met it yet.
    Kind(
        "share", "access", f"resource IS NOT NULL AND {_DONE}",
        r"regexp_extract(replace(resource, '\', '/'),"
        r" '^(https?://[^/]+/((sites|teams|personal)/)?|[A-Za-z]:|//[^/]+/)?/*[^/]+')",
    ),
    # A project's folder: two steps below the server, the drive or the site's address. What a
    # browser of folders draws and a client fetches, nobody has met.
    Kind(
        "labelled_folder", "access",
        f"{_LABELLED} AND {_DONE} AND action NOT IN ('preview', 'sync') AND resource IS NOT NULL",
        # Without the slash at its end: to ask for a part of a match takes twenty times as long.
        r"nullif(left(regexp_extract(replace(resource, '\', '/'),"
        r" '^([A-Za-z]+:)?(//[^/]+/)?/*[^/]+(/[^/]+)?/'), -1), '')",
    ),
)  # fmt: skip

# What is never a person: machines, and events that name nobody.
PERSON = "NOT automated AND NOT starts_with(user_id, 'door:') AND NOT starts_with(user_id, 'host:')"


def by_source(source: str) -> list[Feature]:
    """Return the features that are counted in `source`."""
    return [feature for feature in FEATURES if feature.source == source]
