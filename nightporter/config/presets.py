"""Presets: the layout of a product's log, written once; a feed adds where and whose clock.

Knows the files and how they merge into a [[feed]], not whether a log looks like that.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nightporter.config.faults import checked, fault_at, parse
from nightporter.config.places import line_of
from nightporter.config.settings import Preset
from nightporter.errors import did_you_mean
from nightporter.shipped import PACKAGE

_OWN_KEYS = ("title", "layout", "unverified", "example")


def preset_files(root: Path | None) -> dict[str, Path]:
    """Return every preset by name; one in the workspace's presets/ goes before a shipped one."""
    folders = [PACKAGE / "presets", *([root / "presets"] if root else [])]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def read_preset(path: Path) -> Preset:
    """Return the preset in a file; raise ConfigError with the line of its first fault."""
    text = path.read_text("utf-8")
    return checked(Preset, path, text, parse(path, text))


def filled(raw: dict[str, Any], root: Path, path: Path, text: str) -> dict[str, Any]:
    """Return the tables `raw` of nightporter.toml with the presets under its feeds."""
    feeds = raw.get("feed")
    if not isinstance(feeds, list) or not any(_named(feed) for feed in feeds):
        return raw
    known = preset_files(root)
    made = []
    for at, feed in enumerate(feeds):
        if (name := _named(feed)) is not None and name not in known:
            line, hint = line_of(text, ("feed", at, "preset")), did_you_mean(name, known)
            raise fault_at(path, text, f"no preset is called {name!r}", line, hint)
        made.append(_merged(preset_keys(known[name]), feed) if name else feed)
    return {**raw, "feed": made}


def _named(feed: object) -> str | None:
    name = feed.get("preset") if isinstance(feed, dict) else None
    return name if isinstance(name, str) else None


def preset_keys(path: Path) -> dict[str, Any]:
    """Return the keys of a checked preset that a [[feed]] could hold, too."""
    read_preset(path)
    keys = parse(path, path.read_text("utf-8"))
    return {key: value for key, value in keys.items() if key not in _OWN_KEYS}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both; `above` wins, tables merge key by key."""
    made = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            made[key] = _merged(below[key], above[key])
    return made
