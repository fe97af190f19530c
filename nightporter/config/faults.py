"""What is wrong in a TOML file becomes an error with its line and the nearest valid word.

Knows texts and models, not which file means what.
"""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from nightporter.config.places import line_of
from nightporter.config.settings import Section
from nightporter.errors import ConfigError, did_you_mean

Model = TypeVar("Model", bound=Section)
Place = tuple[str | int, ...]


def parse(path: Path, text: str) -> dict[str, Any]:
    """Return the tables of `text`; raise ConfigError with the line that is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of TOML, of a number or a list without end
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise fault_at(path, text, f"not TOML: {error}", line) from None


def checked(
    model: type[Model], path: Path, text: str, values: dict[str, Any], under: Place = ()
) -> Model:
    """Return `values` as a `model`; raise ConfigError with the line of the first fault.

    `under` is the place of the table in `text` that holds them.
    """
    for fault in faults_in(model, path, text, values, under):
        raise fault
    return model.model_validate(values)


def faults_in(
    model: type[Model], path: Path, text: str, values: dict[str, Any], under: Place = ()
) -> list[ConfigError]:
    """Return every fault of `values` as a `model`, as `checked` has it; the misspelt keys first.

    A misspelt key is also a missing one: its spelling is what helps, and is all that is said.
    """
    try:
        model.model_validate(values)
    except ValidationError as error:
        found = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        misspelt = [str(fault["loc"][-1]) for fault in found if fault["type"] == "extra_forbidden"]
        return [
            _fault(model, path, text, fault, under)
            for fault in found
            if fault["type"] != "missing"
            or not difflib.get_close_matches(str(fault["loc"][-1]), misspelt, n=1, cutoff=0.6)
        ]
    return []


def fault_at(
    path: Path, text: str, message: str, line: int | None, hint: str | None = None
) -> ConfigError:
    """Return a ConfigError that shows line `line` of `text`, addresses in it without their rest.

    Who put an address with a password where none belongs must not find it in a log.
    """
    lines = text.splitlines()
    shown = lines[line - 1] if line and line <= len(lines) else None
    if shown:
        shown = re.sub(r"(?<=://)[^\s\"']+", "...", shown)
    return ConfigError(message, path=path, line=line, text=shown, hint=hint)


def _fault(model: type[Section], path: Path, text: str, found: Any, under: Place) -> ConfigError:
    loc = found["loc"]
    line = line_of(text, (*under, *loc))
    if found["type"] == "extra_forbidden":
        valid = _keys_at(model, loc[:-1])
        message, hint = f"unknown key {loc[-1]!r}", did_you_mean(str(loc[-1]), valid)
    elif found["type"] == "missing":
        above = f"{'.'.join(map(str, loc[:-1]))} lacks" if loc[1:] else "it lacks"
        message, hint = f"{above} the key {loc[-1]!r}", None
    else:
        place = f"{loc[-1]}: " if loc else ""
        message, hint = f"{place}{found['msg'].removeprefix('Value error, ')}", _nearest(found)
    return fault_at(path, text, message, line, hint)


def _nearest(fault: Any) -> str | None:
    """Return the word that was meant, where one of a few is asked for."""
    if fault["type"] != "literal_error" or not isinstance(fault["input"], str):
        return None
    return did_you_mean(fault["input"], re.findall(r"'([^']*)'", fault["ctx"]["expected"]))


def _keys_at(model: Any, loc: Place) -> list[str]:
    for step in loc:
        field = model.model_fields.get(step) if hasattr(model, "model_fields") else None
        model = field.annotation if field else model
        inner = [a for a in getattr(model, "__args__", ()) if isinstance(a, type)]
        model = next((a for a in inner if issubclass(a, Section)), model)
    return [field.alias or key for key, field in model.model_fields.items() if key != "root"]
