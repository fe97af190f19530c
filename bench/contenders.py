"""Those that read one log in `bench.ingest`, each in a process of its own.

Imports what a contender needs before the clock starts.
"""

import hashlib
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from nightporter import config
from nightporter.ingest import ingest_feed
from nightporter.workspace import lake_of

_TYPES = {
    "time": "TIMESTAMP",
    "bytes": "BIGINT",
    **dict.fromkeys(("user", "host", "op", "path", "ip", "session"), "VARCHAR"),
}
_ORDER = ("time", "user", "host", "op", "path", "bytes", "ip", "session")


def nightporter(log: Path, root: Path) -> None:
    """Load into an empty lake."""
    shutil.rmtree(root / "lake", ignore_errors=True)
    more(log, root)


def more(log: Path, root: Path) -> None:
    """Load into the lake that is there."""
    settings = config.load(root)
    load = ingest_feed(settings, settings.feed[0], lake_of(settings), now=datetime.now(UTC))
    assert load.loaded == 1, f"{log} was not loaded"
    assert load.lines == load.accepted + load.rejected, "an invented line has no copy"


def bare_csv(log: Path, root: Path) -> None:
    pl.scan_csv(log, infer_schema=False).sink_parquet(root / "bare.parquet")


def bare_ndjson(log: Path, root: Path) -> None:
    schema = {name: pl.Int64 if name == "bytes" else pl.String for name in _ORDER}
    pl.scan_ndjson(log, schema=schema).sink_parquet(root / "bare.parquet")


def duckdb_copy(log: Path, root: Path) -> None:
    columns = ", ".join(f"'{name}': '{_TYPES[name]}'" for name in _ORDER)
    rows = (
        f"read_csv('{log}', header = true, auto_detect = false, store_rejects = true,"
        f" columns = {{{columns}}})"
    )
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM {rows}) TO '{root}/duckdb.parquet' (COMPRESSION zstd)").fetchall()


def pandas_duties(log: Path, root: Path) -> None:
    """Parse, refuse, place on the wall clock, name the file and line, write day by day."""
    import pandas as pd  # type: ignore[import-not-found, import-untyped, unused-ignore]

    with log.open("rb") as raw:
        file_id = hashlib.file_digest(raw, "sha256").hexdigest()
    rows = pd.read_csv(log, dtype=str, keep_default_na=False)
    rows["line"] = range(2, len(rows) + 2)
    rows["file_id"], rows["feed"], rows["site"] = file_id, "files", "BER"
    rows["local_ts"] = pd.to_datetime(rows["time"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    rows["size"] = pd.to_numeric(rows["bytes"], errors="coerce")
    bad = rows["local_ts"].isna() | rows["size"].isna()
    rows[bad].to_parquet(root / "pandas-rejects.parquet")
    rows = rows[~bad]
    zoned = rows["local_ts"].dt.tz_localize("Europe/Berlin", ambiguous=True, nonexistent="NaT")
    rows["ts"] = zoned.dt.tz_convert("UTC")
    rows["day"] = (rows["local_ts"] - pd.Timedelta(hours=5)).dt.date.astype(str)
    rows["action"] = rows["op"].str.lower().replace({"read": "view"})
    shutil.rmtree(root / "pandas", ignore_errors=True)
    rows.drop(columns=["time", "bytes"]).to_parquet(
        root / "pandas", partition_cols=["day"], compression="zstd"
    )


CONTENDERS: dict[str, dict[str, Callable[[Path, Path], None]]] = {
    "csv": {
        "bare polars": bare_csv,
        "DuckDB COPY": duckdb_copy,
        "pandas": pandas_duties,
        "nightporter": nightporter,
    },
    "ndjson": {"bare polars": bare_ndjson, "nightporter": nightporter},
}


def main() -> None:
    """Run one contender on one log; print its seconds and its peak megabytes."""
    name, log, root = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    work = more if name == "more" else CONTENDERS[log.suffix[1:]][name]
    if name == "pandas":
        import pandas  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: F401
    started = time.monotonic()
    work(log, root)
    taken = time.monotonic() - started
    print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
    # The thread pools of several libraries, all in one process, do not always end in peace.
    os._exit(0)


if __name__ == "__main__":
    main()
