"""The feeds: how each source writes a line, names a file, and cuts its files."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from nightporter.simulate import words


@dataclass(frozen=True)
class Feed:
    """One source's way of writing; `file` is a strftime pattern over `clock`."""

    name: str
    source: str
    file: str
    clock: str  # ts (UTC) or local
    line: Callable[[], pl.Expr]
    sites: tuple[str, ...]
    header: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"
    bom: bool = False
    overlaps: int = 1
    damages: tuple[str, ...] = ("cut", "stamp", "extra")


def _told(column: str, said: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace(said)


def _field(name: str, column: str, quote: str = '"') -> pl.Expr:
    """Return `,"name":"value"`, or nothing where there is no value."""
    value = pl.format(f',"{name}":{quote}{{}}{quote}', pl.col(column))
    return value.fill_null("")


def _access_line() -> pl.Expr:
    action = _told("action", words.FILE_SERVER | words.UNMAPPED)
    return pl.concat_str(
        pl.format(
            '{{"time":"{}","site":"{}","login":"{}","client":{{"name":"{}","ip":"{}"}},"op":"{}"',
            pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "site", "account", "host", "ip", action,
        ),
        _field("path", "path"), _field("doc", "doc"), _field("size", "size", ""),
        _field("logon_type", "logon_type", ""),
        pl.when("ok").then(pl.lit(',"result":"OK"}')).otherwise(pl.lit(',"result":"DENIED"}')),
    )  # fmt: skip


def _joined(columns: list[pl.Expr], separator: str) -> pl.Expr:
    texts = [column.cast(pl.String).fill_null("") for column in columns]
    return pl.concat_str(texts, separator=separator)


def _usb_line() -> pl.Expr:
    return _joined(
        [
            pl.col("local").dt.strftime("%Y-%m-%d %H:%M:%S"), pl.col("host"), pl.col("account"),
            _told("action", words.USB_AGENT), pl.col("serial"),
            pl.when("real").then(pl.lit("ja")).otherwise(pl.lit("nein")),
            _told("device_class", words.USB_CLASSES), pl.col("vendor"), pl.col("product"),
            pl.col("path"), pl.col("doc"), pl.col("size"),
        ],
        ";",
    )  # fmt: skip


def _badge_hav_line() -> pl.Expr:
    result = pl.when(pl.col("action") == "denied").then(pl.lit("NEIN"))
    return _joined(
        [
            pl.col("local").dt.strftime("%d.%m.%Y"), pl.col("local").dt.strftime("%H:%M:%S"),
            pl.col("card"), pl.col("door"), _told("direction", {**words.DIRECTIONS_HAV,
            "unknown": ""}), _told("action", words.DOORS_HAV),
            result.when(pl.col("card").is_not_null()).then(pl.lit("OK")),
            _told("reason", words.REASONS_HAV),
        ],
        ";",
    )  # fmt: skip


def _badge_rey_line() -> pl.Expr:
    parts = [
        pl.col("local").dt.strftime("%Y-%m-%dT%H:%M:%S"), pl.col("card"), pl.col("door"),
        _told("direction", words.DIRECTIONS_REY), _told("action", words.DOORS_REY),
    ]  # fmt: skip
    return _joined([pl.format('"{}"', part) for part in parts], ",")


FEEDS = (
    Feed(
        "fileserver", "access", "logs/access/%Y-%m-%d.ndjson.gz", "ts", _access_line,
        ("HAV", "REY"), overlaps=6, damages=("cut", "stamp", "latin", "remark"),
    ),
    Feed(
        "usb-hav", "usb", "logs/usb/%G-W%V.csv", "local", _usb_line, ("HAV",),
        "Zeit;Rechner;Benutzer;Ereignis;Seriennummer;Seriennummer echt;Klasse;Hersteller;Modell;"
        "Datei;Dokument;Bytes", overlaps=2, damages=("cut", "stamp", "latin", "extra"),
    ),
    Feed(
        "badge-hav", "badge", "logs/badge/hav/%Y-%m.csv.gz", "local", _badge_hav_line, ("HAV",),
        "Datum;Uhrzeit;Karte;Tür;Richtung;Ereignis;Ergebnis;Grund", encoding="latin-1",
    ),
    Feed(
        "badge-rey", "badge", "logs/badge/rey/%Y-%m.csv", "local", _badge_rey_line, ("REY",),
        '"Timestamp","Card","Reader","Way","Result"', newline="\r\n", bom=True,
        damages=("cut", "stamp"),
    ),
)  # fmt: skip


def written(feed: Feed, events: pl.DataFrame) -> pl.DataFrame:
    """Return (file, ts, text, user_id, campaign, local) in the order of the files' lines."""
    own = events.filter(pl.col("site").is_in(feed.sites))
    return own.select(
        "ts", "local", "user_id", "campaign",
        file=pl.col(feed.clock).dt.strftime(feed.file), text=feed.line(),
    ).sort("ts", "text", "campaign", maintain_order=True)  # fmt: skip
