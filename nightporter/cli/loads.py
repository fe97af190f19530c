"""What `ingest` says of each feed: its counts, why lines were refused, which words mean nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nightporter.cli.console import out, out_json, say, shown
from nightporter.config import Settings
from nightporter.hostile import brief
from nightporter.ingest import FeedLoad
from nightporter.sources.again import Again

# A screen holds this many words a feed; how many more there are is always said.
WORDS = 12


def print_loads(settings: Settings, loads: Sequence[FeedLoad], *, json: bool) -> None:
    """Print what each feed brought, as lines or as JSON."""
    rows = [_row(settings.root, load) for load in loads]
    if json:
        out_json(rows)
        return
    for row in shown(rows):
        if not row["loaded"]:
            out(f"{row['feed']}  files {row['files']:,}  nothing new")
            continue
        counts = [f"{key} {value:,}" for key, value in row.items() if isinstance(value, int)]
        out("  ".join([str(row["feed"]), *counts]))
        _print_refusals(row["refusals"])
        _print_unmapped(row["unmapped"])


def _row(root: Path, load: FeedLoad) -> dict[str, Any]:
    return {
        "feed": load.feed, "files": load.files, "loaded": load.loaded, "lines": load.lines,
        "accepted": load.accepted, "rejected": load.rejected, "duplicates": load.duplicates,
        "ignored": load.ignored, "future": load.future,
        "refusals": [
            {
                "reason": each.reason, "lines": each.lines, "path": _shown(each.path, root),
                "line": each.line, "detail": each.detail,
            }
            for each in load.tally.refusals
        ],
        "unmapped": [{"word": word, "events": n} for word, n in load.tally.unmapped],
    }  # fmt: skip


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _print_refusals(refusals: Sequence[Mapping[str, Any]]) -> None:
    for each in refusals:
        first = f"first {brief(each['path'])}:{each['line']}: {brief(each['detail'])}"
        out(f"    rejected {each['lines']:,}  {each['reason']}  {first}")


def _print_unmapped(words: Sequence[Mapping[str, Any]]) -> None:
    """An action that maps to nothing is kept as `other`: here one sees that a mapping is wrong."""
    if words:
        shown = [f"{brief(each['word'])} {each['events']:,}" for each in words[:WORDS]]
        more = f", and {len(words) - WORDS} more words" if len(words) > WORDS else ""
        out(f"    action other: {', '.join(shown)}{more}")


def say_again(again: Again) -> None:
    """Say what is read again, what cannot be, and how its days are scanned again."""
    say(f"reading {_files(len(again.file_ids))} again")
    if again.gone:
        say(f"{_files(again.gone)} read before cannot be: their events stay as they were")
    if again.days:
        first = again.days[0]
        say(
            f"days from {first} on rest on them: the next night scans those within `lateness`,"
            f" `nightporter nightly --from {first}` all of them"
        )


def _files(count: int) -> str:
    return f"{count:,} file{'s' if count != 1 else ''}"
