"""Stamps that look shifted: against the site's hours, the doors, summer time, and now.

Compares shapes of days and people's first and last events; knows no detector.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from nightporter.config import Settings
from nightporter.doctor.advice import Advice
from nightporter.window import Window

_DAY = timedelta(days=1)

# A shape is judged from so many events or person-days on.
LEAST_EVENTS, LEAST_DAYS = 200, 20
# So much of a working day's events lie within hours, and so much more must after a shift.
INSIDE, GAIN = 0.8, 0.25
# Nobody works so many minutes before coming in or after going home, time after time.
BEFORE_COMING = 25

_ZONE = "check the feed's zone, site and stamp in nightporter.toml, then load its files again"


def odd_clocks(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Advice]:
    """Yield every feed and host whose stamps do not fit the others."""
    yield from _future(con)
    yield from _against_hours(con, settings)
    yield from _against_doors(con)
    yield from _hosts(con)
    yield from _summer_time(con, settings)


def _future(con: duckdb.DuckDBPyConnection) -> Iterator[Advice]:
    rows = con.execute(
        """SELECT feed, count(*), max(last_ts), max(date_diff('minute', ingested_at, last_ts))
        FROM loads WHERE last_ts > ingested_at + INTERVAL 15 MINUTES GROUP BY feed ORDER BY feed"""
    ).fetchall()
    for feed, files, last, minutes in rows:
        yield Advice(
            "clocks", f"feed {feed}",
            f"{files} files held stamps of the future when they were loaded: up to"
            f" {minutes / 60:.1f} hours ahead, {last:%Y-%m-%d %H:%M}Z; a day is scanned only when"
            " it has ended",
            f"set the source's clock, or {_ZONE}", "likely", weight=minutes,
        )  # fmt: skip


def _against_hours(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Advice]:
    """A feed of people's deeds that fits the site's hours only when it is moved."""
    union = " UNION ALL ".join(
        f"""SELECT feed, site, hour(local_ts) AS hour FROM {source}
        WHERE NOT automated AND day_type IN ('workday', 'make_up') AND site <> ''"""
        for source in ("access", "usb", "badge")
    )
    rows = con.execute(f"SELECT feed, site, hour, count(*) FROM ({union}) GROUP BY ALL").fetchall()
    for feed, site in sorted({(feed, site) for feed, site, _, _ in rows}):
        if site not in settings.site:
            continue
        counts = {hour: n for f, s, hour, n in rows if (f, s) == (feed, site)}
        opens, closes = (clock.hour for clock in settings.site[site].hours)
        shift, now, then = best_shift(counts, opens, closes)
        if shift and sum(counts.values()) >= LEAST_EVENTS:
            yield Advice(
                "clocks", f"feed {feed} at {site}",
                f"{now:.0%} of a working day's events lie within the site's hours; moved by"
                f" {-shift:+d} h it would be {then:.0%}: its stamps look about {abs(shift)} h"
                f" {'late' if shift > 0 else 'early'}",
                _ZONE, "possible", weight=abs(shift) * 60,
            )  # fmt: skip


def best_shift(counts: dict[int, int], opens: int, closes: int) -> tuple[int, float, float]:
    """Return by how many hours a day looks late, and the shares within hours now and then.

    0 where it fits as it is, or where no shift makes it fit.
    """
    total = sum(counts.values()) or 1
    long = (closes - opens) % 24 or 24

    def inside(shift: int) -> float:
        return sum(counts.get((opens + shift + h) % 24, 0) for h in range(long)) / total

    shares = {shift: inside(shift) for shift in range(-12, 13)}
    best = max(shares, key=lambda shift: (round(shares[shift], 2), -abs(shift)))
    fits = shares[best] >= INSIDE and shares[best] - shares[0] >= GAIN
    return (best if fits else 0), shares[0], shares[best]


# Each person-day at one site: first and last deed, against the first and last read at a door.
_BESIDE = """
    SELECT e.feed, e.site, e.host, e.user_id, e.day,
        date_diff('minute', min(b.came), min(e.ts)) AS first_after,
        date_diff('minute', min(b.went), max(e.ts)) AS last_after
    FROM (
        SELECT feed, site, host, user_id, day, ts FROM access
        WHERE NOT automated AND action IN ('logon', 'unlock', 'view', 'download')
    ) AS e
    JOIN (
        SELECT user_id, site, day, min(ts) FILTER (way = 'entry' AND outer_door) AS came,
            max(ts) FILTER (way = 'exit' AND outer_door) AS went
        FROM ways GROUP BY ALL
    ) AS b USING (user_id, site, day)
    GROUP BY ALL"""


def _against_doors(con: duckdb.DuckDBPyConnection) -> Iterator[Advice]:
    rows = con.execute(
        f"""SELECT feed, site, count(*), median(first_after), median(last_after) FROM (
            SELECT feed, site, user_id, day, min(first_after) AS first_after,
                max(last_after) AS last_after FROM ({_BESIDE}) GROUP BY ALL
        ) GROUP BY ALL HAVING count(*) >= {LEAST_DAYS} ORDER BY ALL"""
    ).fetchall()
    for feed, site, days, first, last in rows:
        early = first is not None and first <= -BEFORE_COMING
        late = last is not None and last >= BEFORE_COMING
        if early == late:
            continue
        said = (
            f"{-first:.0f} minutes before they come in" if early
            else f"until {last:.0f} minutes after they went home"
        )  # fmt: skip
        yield Advice(
            "clocks",
            f"feed {feed} at {site}",
            f"on half of {days} person-days people are at work {said}: it, or the doors, look"
            f" {'early' if early else 'late'}",
            f"compare one person's day with the doors; {_ZONE}",
            "possible",
            weight=abs(first if early else last),
        )


def _hosts(con: duckdb.DuckDBPyConnection) -> Iterator[Advice]:
    """A host that is early or late on most days, where its feed is not."""
    rows = con.execute(
        f"""SELECT host, count(*) AS n, median(first_after) AS first,
            count_if(first_after <= -{BEFORE_COMING}) AS early
        FROM ({_BESIDE}) WHERE host IS NOT NULL AND first_after IS NOT NULL
        GROUP BY host HAVING n >= 5 AND early >= 0.8 * n
        AND (SELECT median(first_after) FROM ({_BESIDE})) > -{BEFORE_COMING}
        ORDER BY ALL"""
    ).fetchall()
    for host, days, first, early in rows:
        yield Advice(
            "clocks",
            f"host {host}",
            f"on {early} of {days} person-days it is in use before its people come in, by"
            f" {-first:.0f} minutes: its clock looks slow",
            "compare its clock with a time server",
            "possible",
            weight=-first,
        )


def _summer_time(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Advice]:
    """A feed whose working day moved by an hour when its site's clock was changed."""
    for name, site in settings.site.items():
        for changed in _changes(con, site.zone):
            rows = con.execute(_MIDDLES, {"site": name, "changed": changed}).fetchall()
            for feed, moved in rows:
                yield Advice(
                    "clocks", f"feed {feed} at {name}",
                    f"since the clock was changed on {changed} its working day lies"
                    f" {abs(moved):.1f} h {'later' if moved > 0 else 'earlier'}: it seems to keep"
                    " one offset all year",
                    f"name an IANA zone instead of an offset; {_ZONE}", "possible",
                    weight=abs(moved) * 60,
                )  # fmt: skip


# The middle of each working day's events; medians of three weeks before and after.
_MIDDLES = """
    WITH days AS (
        SELECT feed, day, day >= $changed AS after, sum(hour * events) / sum(events) AS middle
        FROM feed_hour
        WHERE site = $site AND isodow(day) < 6 AND day BETWEEN $changed - 21 AND $changed + 20
            AND hour < 24
        GROUP BY ALL HAVING sum(events) >= 50
    )
    SELECT feed, median(middle) FILTER (after) - median(middle) FILTER (NOT after) AS moved
    FROM days GROUP BY feed
    HAVING count_if(after) >= 5 AND count_if(NOT after) >= 5 AND abs(moved) BETWEEN 0.7 AND 1.3
    ORDER BY feed"""


def _changes(con: duckdb.DuckDBPyConnection, zone: str) -> list[date]:
    """Return the days of the kept hours on which the zone's offset changed."""
    first, last = con.execute("SELECT min(day), max(day) FROM feed_hour").fetchall()[0]
    if first is None:
        return []
    offsets = {
        day: datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset()
        for day in Window(first, last)
    }
    return [day for day in offsets if day > first and offsets[day] != offsets[day - _DAY]]
