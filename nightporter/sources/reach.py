"""Names that reach into JSON: dots into objects, numbers into lists, NAME[x] to what is called x.

Writes SQL for DuckDB; knows no feeds.
"""

import re

_PICK = re.compile(r"([^\[\]]+)\[([^\[\]]+)\](?:\.(.+))?")


def paths(name: str) -> list[str]:
    """Return the JSON pointers of a name: its literal self, then dots reaching into objects."""
    literal = "/" + name.replace("~", "~0").replace("/", "~1")
    return [literal, literal.replace(".", "/")] if "." in name else [literal]


def picks(name: str) -> bool:
    """Say whether a name picks from a list by NAME[x]."""
    return _PICK.fullmatch(name) is not None


def reached(text: str, name: str) -> str:
    """Return SQL for what `name` reaches in the valid JSON `text`: a string, null without one."""
    found = [f"json_extract_string({text}, {quoted(path)})" for path in paths(name)]
    if pick := _PICK.fullmatch(name):
        found.append(_picked(text, *pick.groups()))
    return f"coalesce({', '.join(found)}, NULL)"


def _picked(text: str, place: str, called: str, rest: str | None) -> str:
    """Return SQL for `rest` of the first object in the list at `place` that is called so."""
    entries = f"TRY_CAST(json_extract({text}, {quoted(paths(place)[-1])}) AS JSON[])"
    name = "coalesce(p->>'name', p->>'Name')"
    entry = f"list_filter({entries}, lambda p: {name} = {quoted(called)})[1]"
    return reached(entry, rest) if rest else f"({entry})->>'$'"


def quoted(text: str) -> str:
    """Return `text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
