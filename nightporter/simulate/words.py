"""The words in which each source says what happened; nightporter.toml maps them back."""

FILE_SERVER = {
    "logon": "LOGON", "logoff": "LOGOFF", "logon_failed": "LOGON_FAILED", "lock": "LOCK",
    "unlock": "UNLOCK", "view": "READ", "preview": "PREVIEW", "download": "GET", "copy": "COPY",
    "write": "PUT", "rename": "RENAME", "delete": "DELETE", "print": "PRINT",
    "admin_change": "ADMIN",
}  # fmt: skip
# The file server has a word that no configuration maps: it becomes `other`.
UNMAPPED = {"touch": "TOUCH"}

USB_AGENT = {"connect": "angesteckt", "disconnect": "abgezogen", "write": "geschrieben"}
USB_CLASSES = {
    "mass_storage": "Massenspeicher", "mtp": "MTP", "audio": "Audio", "hid": "Eingabe",
}  # fmt: skip

DOORS_HAV = {
    "entry": "Eintritt", "exit": "Austritt", "denied": "Abweisung", "door_opened": "Tür auf",
    "door_closed": "Tür zu", "request_to_exit": "Taster",
}  # fmt: skip
DIRECTIONS_HAV = {"in": "Ein", "out": "Aus"}
REASONS_HAV = {"no_right": "kein Recht", "expired": "Karte abgelaufen"}

# The field station's small controller knows reads and refusals, and no way out.
DOORS_REY = {"entry": "GRANTED", "denied": "DENIED"}
DIRECTIONS_REY = {"in": "IN"}


def mapping(words: dict[str, str]) -> str:
    """Return the lines of a [feed.values] table: theirs = ours."""
    return "\n".join(f'  "{theirs}" = "{ours}"' for ours, theirs in words.items())
