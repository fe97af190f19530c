"""Reads nightporter.toml; every error names the line and the nearest valid word."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nightporter.config.places import line_of
from nightporter.config.settings import FILE_NAME, Section, Settings
from nightporter.errors import ConfigError, did_you_mean


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
        settings = Settings.model_validate({**tomllib.loads(text), "root": root.resolve()})
    except FileNotFoundError:
        raise ConfigError("there is no such file", path=path) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise _fault(path, text, f"not TOML: {error}", line) from None
    except ValidationError as error:
        raise _first_fault(path, text, error) from None
    _check_feeds(settings)
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


def fault(
    settings: Settings, message: str, *loc: str | int, hint: str | None = None
) -> ConfigError:
    """Return a ConfigError that points at the line of nightporter.toml which says `loc`."""
    text = settings.path.read_text("utf-8") if settings.path.is_file() else ""
    return _fault(settings.path, text, message, line_of(text, loc), hint)


def _fault(
    path: Path, text: str, message: str, line: int | None, hint: str | None = None
) -> ConfigError:
    lines = text.splitlines()
    shown = lines[line - 1] if line and line <= len(lines) else None
    return ConfigError(message, path=path, line=line, text=shown, hint=hint)


def _first_fault(path: Path, text: str, error: ValidationError) -> ConfigError:
    # A misspelt key is also a missing one: its spelling is what helps.
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    loc = first["loc"]
    line = line_of(text, loc)
    if first["type"] == "extra_forbidden":
        message, hint = f"unknown key {loc[-1]!r}", did_you_mean(str(loc[-1]), _keys_at(loc[:-1]))
    elif first["type"] == "missing":
        message, hint = f"{'.'.join(map(str, loc[:-1]))} lacks the key {loc[-1]!r}", None
    else:
        message, hint = f"{loc[-1]}: {first['msg'].removeprefix('Value error, ')}", None
    return _fault(path, text, message, line, hint)


def _keys_at(loc: tuple[str | int, ...]) -> list[str]:
    model: Any = Settings
    for step in loc:
        field = model.model_fields.get(step) if hasattr(model, "model_fields") else None
        model = field.annotation if field else model
        inner = [a for a in getattr(model, "__args__", ()) if isinstance(a, type)]
        model = next((a for a in inner if issubclass(a, Section)), model)
    return [key for key in model.model_fields if key != "root"]
