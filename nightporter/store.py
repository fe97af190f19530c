"""The object store below a lake elsewhere: its client's options, and its files brought near.

Knows addresses, names and sizes; not tables, nor what is in them. The client reads credentials
from the environment by itself: nothing here holds one, and no word of an answer is repeated
that could.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from nightporter.refusals import refusal

SCHEMES = ("s3://", "gs://", "az://", "abfss://")

_AT_ONCE = 8
_PIECE = 8 << 20
_SAY_EVERY = 10.0  # seconds
_WORTH_SAYING = 10 << 20

# What is in use stays: a reader beside the night asked for it no longer ago than this.
_IN_USE = 3600.0

# A store that is down is said within a minute; the client's own patience is many.
_PATIENCE = {
    "connect_timeout": "5s",
    "timeout": "60s",
    "max_retries": "4",
    "retry_timeout": "60s",
}
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT")

_talk = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """Where the lake lies, and the folder that holds copies of its files."""

    uri: str
    near: Path

    @property
    def options(self) -> dict[str, str]:
        """What the client is told; who names an endpoint with http:// means it."""
        named = [os.environ.get(name, "") for name in _ENDPOINTS]
        plain = any(url.startswith("http://") for url in named)
        return {**_PATIENCE, **({"allow_http": "true"} if plain else {})}

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Turn what the client raises into a NightporterError without the answer's text."""
        try:
            yield
        except TableNotFoundError:
            raise
        except (OSError, DeltaError) as error:
            raise refusal(self.uri, error) from None

    def bring(self, table: str, files: Mapping[str, int]) -> list[str]:
        """Return local copies of the files (name to bytes) of `table`; fetch what is not near.

        A file of a table never changes, so its name and size tell that a copy is good.
        """
        folder = self.near / table
        absent = {name: size for name, size in files.items() if not _whole(folder / name, size)}
        if absent:
            self._fetch(table, folder, absent)
        for name in files:
            os.utime(folder / name)
        return [str(folder / name) for name in files]

    def _fetch(self, table: str, folder: Path, files: Mapping[str, int]) -> None:
        with self.asked():
            far = DeltaStorageHandler(f"{self.uri}/{table}", self.options, dict(files))
        said = time.monotonic()
        if (total := sum(files.values())) > _WORTH_SAYING:
            _talk.info("fetching %s of %s, %.0f MB", _counted(len(files)), table, total / 1e6)
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            jobs = [pool.submit(_copy, far, folder, name, size) for name, size in files.items()]
            for done, job in enumerate(as_completed(jobs), 1):
                with self.asked():
                    job.result()
                if time.monotonic() - said > _SAY_EVERY:
                    said = time.monotonic()
                    _talk.info("fetched %d of %s of %s", done, _counted(len(files)), table)
        finally:
            pool.shutdown(cancel_futures=True)

    def put(self, table: str, file: Path, name: str) -> None:
        """Move the local `file` to the store under `name`, and keep it as the copy near."""
        with self.asked(), file.open("rb") as source:
            far = DeltaStorageHandler(f"{self.uri}/{table}", self.options)
            # The public stream hands its writer Arrow buffers, which the writer refuses.
            target = far._handler.open_output_stream(name)
            while piece := source.read(_PIECE):
                target.write(piece)
            target.close()  # type: ignore[attr-defined]  # missing from the stubs
        move(file, self.near / table / name)

    def tidy(self, live: Callable[[str], set[str]], limit: int) -> int:
        """Drop copies that `live` (by table) no longer names, then the least used above `limit`.

        Copies in use stay, whatever their size. Returns the bytes that were freed.
        """
        files = sorted(self.near.rglob("*"), key=lambda file: file.stat().st_mtime)
        idle = {f: f.stat() for f in files if f.is_file() and _idle(f)}
        held = sum(file.stat().st_size for file in files if file.is_file())
        names = {table: live(table) for table in {self._table(file) for file in idle}}
        freed = 0
        for file, stat in idle.items():
            table = self._table(file)
            dead = file.relative_to(self.near / table).as_posix() not in names[table]
            if dead or held - freed > limit:
                file.unlink()
                freed += stat.st_size
        return freed

    def _table(self, file: Path) -> str:
        return file.relative_to(self.near).parts[0]


def move(file: Path, target: Path) -> None:
    """Move `file` to `target`, which is whole or not there at any instant."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = _part(target)
    shutil.move(file, part)
    part.replace(target)


def _copy(far: DeltaStorageHandler, folder: Path, name: str, size: int) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = _part(target)
    with part.open("wb") as copy:
        source = far._handler.open_input_file(name)
        while piece := source.read(_PIECE):
            copy.write(piece)
    if part.stat().st_size != size:
        part.unlink()
        raise OSError(f"cut short: {name}")
    part.replace(target)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}")


def _whole(file: Path, size: int) -> bool:
    try:
        return file.stat().st_size == size
    except FileNotFoundError:
        return False


def _idle(file: Path) -> bool:
    return time.time() - file.stat().st_mtime > _IN_USE


def _counted(files: int) -> str:
    return f"{files:,} file{'s' if files != 1 else ''}"
