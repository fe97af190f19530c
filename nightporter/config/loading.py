"""Reads nightporter.toml; every error names the line and the nearest valid word."""

import re
import tomllib
from pathlib import Path
from typing import Any

from nightporter.config.faults import checked, fault_at, parse
from nightporter.config.places import line_of
from nightporter.config.presets import filled, preset_files, preset_keys
from nightporter.config.settings import FILE_NAME, Settings
from nightporter.errors import ConfigError, did_you_mean

# How nightporter.toml names an address without showing it.
_KEPT = r"env:\w+|file:\S.*"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds a nightporter.toml."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ConfigError(
        f"no {FILE_NAME} in {start} or any folder above it",
        hint="`nightporter init DIR` makes a workspace; `nightporter demo` shows one that runs",
    )


def load(root: Path) -> Settings:
    """Read `root`/nightporter.toml; raise ConfigError with the line of the first fault."""
    path = root / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file", path=path) from None
    raw = filled(parse(path, text), root, path, text)
    settings = checked(Settings, path, text, {**raw, "root": root.resolve()})
    _check_feeds(settings)
    _check_routes(settings)
    return settings


def _check_feeds(settings: Settings) -> None:
    seen: set[str] = set()
    for at, feed in enumerate(settings.feed):
        if feed.name in seen:
            raise fault(settings, f"two feeds are called {feed.name}", "feed", at, "name")
        seen.add(feed.name)
        if feed.site is not None and feed.site not in settings.site:
            hint = did_you_mean(feed.site, settings.site)
            raise fault(settings, f"no [site.{feed.site}]", "feed", at, "site", hint=hint)


def _check_routes(settings: Settings) -> None:
    """An address is a secret: one that stands here for all to read is refused, and not shown."""
    seen: set[str] = set()
    for at, route in enumerate(settings.notify.route):
        if route.name in seen:
            raise fault(settings, f"two routes are called {route.name}", "notify", "route", at)
        seen.add(route.name)
        if not re.fullmatch(_KEPT, route.url):
            message = f"url of the route {route.name} does not say where its address is kept"
            hint = 'url = "env:VARIABLE" or "file:PATH"; the file is for its owner alone (0600)'
            raise ConfigError(message, path=settings.path, hint=hint)
    beat = settings.notify.heartbeat
    if beat is not None and not re.fullmatch(rf"https?://\S+|{_KEPT}", beat):
        hint = 'heartbeat = "https://...", "env:VARIABLE" or "file:PATH"'
        raise ConfigError("notify.heartbeat is no address", path=settings.path, hint=hint)


def fault(
    settings: Settings, message: str, *loc: str | int, hint: str | None = None
) -> ConfigError:
    """Return a ConfigError that points at the line which says `loc`: the feed's or its preset's."""
    path, place = _said_at(settings, loc)
    text = path.read_text("utf-8") if path.is_file() else ""
    return fault_at(path, text, message, line_of(text, place), hint)


def _said_at(settings: Settings, loc: tuple[str | int, ...]) -> tuple[Path, tuple[str | int, ...]]:
    match loc:
        case ("feed", int(at), *key) if key and (name := settings.feed[at].preset):
            own = tomllib.loads(settings.path.read_text("utf-8"))["feed"][at]
            preset = preset_files(settings.root)[name]
            if not _holds(own, key) and _holds(preset_keys(preset), key):
                return preset, tuple(key)
    return settings.path, loc


def _holds(table: Any, key: list[str | int]) -> bool:
    for step in key:
        if not isinstance(table, dict) or step not in table:
            return False
        table = table[step]
    return True
