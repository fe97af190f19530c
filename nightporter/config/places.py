"""Which line of a TOML text says what: tomllib tells values, an error needs the place."""

import re


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """Return the line whose dotted place shares the longest prefix with `loc`."""
    best, best_line = 0, None
    for number, place in _places(text):
        shared = 0
        while shared < min(len(place), len(loc)) and place[shared] == loc[shared]:
            shared += 1
        if shared > best and shared == len(place):
            best, best_line = shared, number
    return best_line


def _places(text: str) -> list[tuple[int, tuple[str | int, ...]]]:
    places: list[tuple[int, tuple[str | int, ...]]] = []
    table: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[([\w.-]+)\]\]", line):
            counts[header[1]] = counts.get(header[1], -1) + 1
            table = (*header[1].split("."), counts[header[1]])
            places.append((number, table))
        elif header := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
            steps: list[str | int] = [step.strip(" \"'") for step in header[1].split(".")]
            for length in range(len(steps), 0, -1):
                if (entry := ".".join(map(str, steps[:length]))) in counts:
                    steps.insert(length, counts[entry])
            table = tuple(steps)
            places.append((number, table))
        elif key := re.match(r"""\s*(?:([\w.-]+)|"([^"]*)"|'([^']*)')\s*=""", line):
            places.append((number, (*table, next(k for k in key.groups() if k is not None))))
    return places
