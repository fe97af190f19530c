"""A workspace with one feed, and what its lake holds: rows name only what matters."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from nightporter.config import Settings, load
from nightporter.ingest import FeedLoad, ingest_feed
from nightporter.lake import Lake

NOW = datetime(2024, 9, 1, 3, 0, tzinfo=UTC)
BADGE = """
[site.BE]
zone = "Europe/Berlin"
[site.SHA]
zone = "Asia/Shanghai"

[[feed]]
name = "doors"
source = "badge"
paths = ["logs/*"]
format = "csv"
site = "BE"
[feed.fields]
ts = "time"
badge_id = "card"
door_id = "door"
action = "event"
direction = "dir"
"""
ACCESS = """
[site.BE]
zone = "Europe/Berlin"
[[feed]]
name = "files"
source = "access"
paths = ["logs/*"]
format = "ndjson"
site = "BE"
[feed.fields]
ts = "time"
account = "who"
action = "op"
bytes = "size"
[feed.values.action]
READ = "view"
"""
HEADER = b"time,card,door,event,dir\n"
PROVENANCE = ("file_id", "line", "ingested_at")


def workspace(root: Path, toml: str = BADGE) -> Settings:
    """Write `toml` into `root`; return it as settings."""
    (root / "logs").mkdir(parents=True, exist_ok=True)
    (root / "nightporter.toml").write_text(toml.lstrip(), "utf-8")
    return load(root)


def write(root: Path, name: str, data: bytes) -> Path:
    path = root / "logs" / name
    path.write_bytes(data)
    return path


def take(settings: Settings, **options: object) -> FeedLoad:
    """Ingest the only feed."""
    return ingest_feed(settings, settings.feed[0], lake_of(settings), now=NOW, **options)  # type: ignore[arg-type]


def lake_of(settings: Settings) -> Lake:
    return Lake(str(settings.root / "lake"))


def rows(settings: Settings, table: str | None = None) -> pl.DataFrame:
    return lake_of(settings).read(table or settings.feed[0].source)


def content(settings: Settings) -> list[tuple[object, ...]]:
    """Return what the events say, whatever file said it, sorted."""
    frame = rows(settings).drop(*PROVENANCE)
    return sorted(frame.rows(), key=repr)


def event(minute: int = 0, card: str = "b1", door: str = "d1") -> bytes:
    return (
        f"2024-05-{1 + minute // 60 % 28:02} 10:{minute % 60:02}:00,{card},{door},entry,in".encode()
    )


def csv_of(*lines: bytes) -> bytes:
    return HEADER + b"".join(line + b"\n" for line in lines)
