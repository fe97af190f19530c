"""What no person does: backup and index at night, and identities that no register knows."""

import polars as pl

from nightporter.simulate.events import at
from nightporter.simulate.institute import Institute
from nightporter.simulate.span import SAT, SUN

BACKUP, INDEXER = "svc-backup", "svc-index"
UNKNOWN_ACCOUNTS, UNKNOWN_CARDS = ("tmp-gast3", "scan-og2"), ("990113", "990127")


def machines(institute: Institute) -> list[pl.DataFrame]:
    """Return the access events of service accounts and of accounts that nobody registered."""
    return [
        *_readers(institute, BACKUP, "HAV-BKP-01", "10.20.9.11", 95, 40, SAT, 2400, 4),
        *_readers(institute, INDEXER, "HAV-IDX-01", "10.20.9.12", 205, 20, SUN, 1500, 2),
        _strangers(institute),
    ]


def _readers(
    institute: Institute, account: str, host: str, ip: str, start: int,
    nightly: int, weekday: int, full: int, every: int,
) -> list[pl.DataFrame]:  # fmt: skip
    """Read what changed each night, and `full` documents in listing order every n-th week."""
    chance = institute.chance
    days = institute.span.frame()
    is_full = (pl.col("weekday") == weekday) & (pl.col("week") % every == every - 1)
    fixed = {"account": account, "host": host, "ip": ip, "action": "view"}
    parts = []
    for rows, many in ((days.filter(~is_full), nightly), (days.filter(is_full), full)):
        events = rows.join(pl.DataFrame({"k": range(many)}), how="cross")
        drawn = chance.below(institute.catalogue.height, account, "n", "k")
        shift = chance.below(institute.catalogue.height, f"{account} shift", "n")
        listed = (shift + pl.col("k")) % institute.catalogue.height
        events = events.with_columns(document=listed if many == full else drawn).join(
            institute.catalogue.rename({"number": "document"}), on="document", maintain_order="left"
        )
        local = at("day", start + pl.col("k") * 0.7 / 60 + chance.uniform(account, "n"))
        parts.append(
            events.with_columns(
                local=local, ok=pl.lit(True), site=pl.lit("HAV"),
                **{name: pl.lit(value) for name, value in fixed.items()},
            )
        )  # fmt: skip
    return parts


def _strangers(institute: Institute) -> pl.DataFrame:
    chance = institute.chance
    rows = institute.span.frame().filter(chance.uniform("stranger", "n") < 0.06)
    rows = rows.filter(pl.col("weekday") < SAT)
    which = chance.below(2, "which stranger", "n")
    names = which.replace_strict(dict(enumerate(UNKNOWN_ACCOUNTS)), return_dtype=pl.String)
    rows = rows.with_columns(
        document=chance.below(institute.catalogue.height, "stranger reads", "n")
    )
    rows = rows.join(
        institute.catalogue.rename({"number": "document"}), on="document", maintain_order="left"
    )
    return rows.with_columns(
        local=at("day", 540 + 420 * chance.uniform("stranger at", "n")), account=names,
        site=pl.lit("HAV"), host=pl.lit("HAV-KSK-01"), ip=pl.lit("10.20.9.40"),
        action=pl.lit("view"), ok=pl.lit(True),
    )  # fmt: skip


def visitors(institute: Institute) -> pl.DataFrame:
    """Return the reads of two visitor cards that were never entered into the register."""
    chance = institute.chance
    rows = institute.span.frame().filter(
        (chance.uniform("visitor", "n") < 0.08) & (pl.col("weekday") < SAT)
    )
    which = chance.below(2, "which visitor", "n")
    cards = which.replace_strict(dict(enumerate(UNKNOWN_CARDS)), return_dtype=pl.String)
    comes = 560 + 300 * chance.uniform("visitor at", "n")
    leaves = comes + 30 + 90 * chance.uniform("visitor stays", "n")
    return pl.concat(
        rows.with_columns(
            local=at("day", minutes), card=cards, site=pl.lit("HAV"), door=pl.lit("H-GATE"),
            action=pl.lit(action), direction=pl.lit(direction),
        )
        for minutes, action, direction in ((comes, "entry", "in"), (leaves, "exit", "out"))
    )  # fmt: skip
