"""Where the files of a CERT r4.2 folder lie, and which other release a folder holds instead.

Knows names and first lines; no row of any log.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nightporter.errors import LogError, UsageError

RELEASE = "4.2"
SUPPORTED = "r4.2 is read: logon.csv, device.csv, file.csv, LDAP/ and answers/ (docs/cert.md)"

_EVENT = ("id", "date", "user", "pc")
HEADERS = {
    "logon": (*_EVENT, "activity"),
    "device": (*_EVENT, "activity"),
    "file": (*_EVENT, "filename", "content"),
}
# What only r5 and r6 have.
_LATER = {"file_tree", "to_removable_media"}

# What lies beside an unpacked release, as its archives are called.
_PACKED = re.compile(r"(r\d(\.\d)?|answers)\.(tar\.bz2|tbz2?|tar|zip)")


@dataclass(frozen=True)
class Dataset:
    """The files of one r4.2 folder; `months` are LDAP's, by the first day of their month."""

    folder: Path
    logs: dict[str, Path]
    months: dict[date, Path]
    answers: Path

    @property
    def insiders(self) -> Path:
        return self.answers / "insiders.csv"


def dataset(folder: Path) -> Dataset:
    """Return the files of `folder`; raise UsageError if it is no CERT r4.2."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint=SUPPORTED)
    root = folder if (folder / "logon.csv").is_file() else folder / "r4.2"
    root = root if root.is_dir() else folder
    logs = {name: root / f"{name}.csv" for name in HEADERS}
    months = _months(root / "LDAP")
    # The answers are an archive of their own: they lie inside, or beside.
    places = (root / "answers", root.parent / "answers")
    answers = next((place for place in places if (place / "insiders.csv").is_file()), None)
    missing = [path.name for path in logs.values() if not path.is_file()]
    missing += [] if months else ["LDAP/2009-12.csv and the months after it"]
    missing += [] if answers else ["answers/insiders.csv"]
    if missing or answers is None:
        raise UsageError(f"{folder} lacks {', '.join(missing)}", hint=_instead(folder))
    for name, path in logs.items():
        _check_header(name, path)
    return Dataset(root.resolve(), {n: path.resolve() for n, path in logs.items()}, months, answers)


def _months(folder: Path) -> dict[date, Path]:
    found = {}
    for path in sorted(folder.glob("*.csv")):
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", path.stem):
            raise LogError("no month is called so", path=path, hint="such as LDAP/2010-01.csv")
        found[date.fromisoformat(f"{path.stem}-01")] = path
    return found


def _instead(folder: Path) -> str:
    names = sorted(each.name + "/" * each.is_dir() for each in folder.iterdir())
    if packed := [name for name in names if _PACKED.fullmatch(name)]:
        return f"unpack {', '.join(packed)} first; {SUPPORTED}"
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"it holds: {shown or 'nothing'}; {SUPPORTED}"


def _check_header(name: str, path: Path) -> None:
    with path.open("rb") as raw:
        line = raw.readline(1000).decode("utf-8-sig", errors="replace").strip()
    columns = [column.strip(' "') for column in line.split(",")]
    if columns == list(HEADERS[name]):
        return
    if _LATER & set(columns):
        message = f"{path.name} has the columns of r5 and r6"
        hint = f"{SUPPORTED}; feeds with the presets cert-r6-* read r5 and r6, without answers"
    else:
        message = f"{path.name} has not the columns of r4.2"
        hint = f"expected: {','.join(HEADERS[name])}; r1 to r3 are not read"
    raise UsageError(message, path=path, line=1, text=line, hint=hint)


def read_rows(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the rows of a small CSV file as text; raise LogError where one of `columns` lacks."""
    try:
        # Bytes, not the path: polars takes brackets in a path for a pattern.
        frame = pl.read_csv(path.read_bytes(), infer_schema=False, truncate_ragged_lines=True)
    except pl.exceptions.PolarsError as error:
        raise LogError(f"not CSV: {str(error).partition(chr(10))[0]}", path=path) from None
    if lacking := [column for column in columns if column not in frame.columns]:
        hint = f"expected: {', '.join(columns)}"
        raise LogError(f"no column {lacking[0]}", path=path, line=1, hint=hint)
    return frame
