"""The files that a feed has loaded, and which of them another may have been before it grew."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

# A log that is renamed grew until then: under another name a file is looked for among those of
# the days before, or each new one would be compared with all of years.
_AGO = timedelta(days=8)


@dataclass(frozen=True)
class Loaded:
    """Identities of files; the sizes of those that were loaded of late, and by path of all."""

    root: Path
    file_ids: Collection[str]
    recent: Mapping[str, int]
    by_path: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(
        cls, rows: Iterable[tuple[str, int, str, datetime]], root: Path, now: datetime
    ) -> "Loaded":
        """Return what `rows` (file_id, bytes, path, ingested_at) of `loads` say."""
        file_ids, recent = set[str](), dict[str, int]()
        by_path: dict[str, dict[str, int]] = defaultdict(dict)
        for file_id, size, path, when in rows:
            file_ids.add(file_id)
            by_path[path][file_id] = size
            if when > now - _AGO:
                recent[file_id] = size
        return cls(root, file_ids, recent, by_path)

    def before(self, path: Path) -> Mapping[str, int]:
        """Return the files (identity to bytes) that the new one at `path` may have been."""
        return {**self.recent, **self.by_path.get(shown(path, self.root), {})}


def shown(path: Path, root: Path) -> str:
    """Return how `loads` names the file at `path`."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
