"""The key of the workspace's pseudonyms: made once, its owner's alone, and never shown."""

import os
import secrets
from pathlib import Path

from nightporter.config import Settings
from nightporter.errors import UsageError

_BYTES = 32


def key_file(settings: Settings) -> Path:
    return settings.root / "state" / "key"


def key_of(settings: Settings) -> bytes:
    """Return the key, made now if there is none.

    Raise UsageError where others can read it, or where it is no key: whoever has it can tell
    which pseudonym is whose, and another one would give everybody another pseudonym.
    """
    path = key_file(settings)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise UsageError("others may read the key of the pseudonyms", path=path, hint="chmod 600")
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise UsageError(
            "this is no key of pseudonyms", path=path, hint="put the old file back from a backup"
        )
    return key


def key_of_ids(settings: Settings) -> bytes:
    """Return what the ids of findings and cases are made with; empty where people never had
    pseudonyms. Without it, who knows a name could try it until its id comes out.

    Raises UsageError as `key_of` does.
    """
    shown = settings.names.pseudonyms or key_file(settings).exists()
    return key_of(settings) if shown else b""


def _make(path: Path) -> None:
    """Of two who make one at once the first wins: a link never replaces a file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".key.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(secrets.token_hex(_BYTES), "ascii")
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
