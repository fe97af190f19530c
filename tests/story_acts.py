"""Which act of the story each detector flags: the answer key against the evidence, line by line."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from nightporter import config
from nightporter.shipped import shipped
from nightporter.workspace import lake_of

# What a line of the answer key is an act of. A door's contact moves without a card: what was
# opened by card and what by key tells whether the card was read there on that day.
_ACT = """
    CASE WHEN t.kind = 'look_alike' THEN t.campaign
    WHEN t.campaign = 'quiet administrator' THEN CASE
        WHEN e.door_id LIKE 'H-OFF%' AND carded THEN 'enters a supervisor''s office with his card'
        WHEN e.door_id LIKE 'H-OFF%' THEN 'opens a supervisor''s office with a copied key'
        WHEN t.source = 'badge' THEN 'is read at the doors on his way'
        WHEN t.source = 'usb' THEN 'writes documents to external disks'
        WHEN e.account LIKE '%' || t.person THEN 'downloads documents of other people''s projects'
        ELSE 'uses a supervisor''s workstation and account' END
    WHEN t.campaign = 'leaver' THEN CASE t.source
        WHEN 'access' THEN 'downloads the team''s folders on two evenings'
        WHEN 'usb' THEN 'writes them to his first stick' ELSE 'is read at the doors on his way' END
    ELSE CASE t.source WHEN 'badge' THEN 'an old card opens doors'
        ELSE 'reads documents that are not hers to read' END END"""

_SQL = f"""
    WITH events AS (
        SELECT 'access' AS source, file_id, line, action, account, NULL AS door_id FROM access
        UNION ALL SELECT 'usb', file_id, line, action, account, NULL FROM usb
        UNION ALL SELECT 'badge', file_id, line, action, NULL, door_id FROM badge
    ),
    told AS (
        SELECT t.*, l.file_id, e.line AS at, e.account, e.door_id,
            bool_or(e.action = 'entry') OVER (PARTITION BY t.campaign, t.day, e.door_id) AS carded
        FROM truth AS t
        JOIN loads AS l ON l.path = t.file
        JOIN events AS e ON e.source = t.source AND e.file_id = l.file_id
         AND e.line BETWEEN t.line AND t.line + t.events - 1
    ),
    acts AS (
        SELECT t.kind, t.campaign, {_ACT} AS act, t.day, t.file_id, t.at
        FROM told AS t JOIN events AS e
          ON e.source = t.source AND e.file_id = t.file_id AND e.line = t.at
    ),
    flagged AS (
        SELECT a.kind, a.campaign, a.act, v.detector, count(DISTINCT a.day) AS days
        FROM acts AS a
        JOIN evidence AS v ON v.file_id = a.file_id AND v.line = a.at
        JOIN findings AS f ON f.finding_id = v.finding_id AND f.status = 'open'
        GROUP BY ALL
    )
    SELECT kind, campaign, act, count(DISTINCT day) AS days,
        (SELECT list((detector, days) ORDER BY days DESC, detector) FROM flagged AS f
            WHERE f.campaign = a.campaign AND f.act = a.act) AS by
    FROM acts AS a GROUP BY ALL
    UNION ALL
    -- What is left are findings on days on which nobody plays a part.
    SELECT 'look_alike', 'none', 'ordinary days', (SELECT count(DISTINCT day) FROM presence),
        list((detector, days) ORDER BY days DESC, detector)
    FROM (
        SELECT f.detector, count(DISTINCT f.day) AS days FROM findings AS f
        WHERE f.status = 'open' AND NOT EXISTS (
            FROM evidence AS v JOIN acts AS a ON a.file_id = v.file_id AND a.at = v.line
            WHERE v.finding_id = f.finding_id
        ) GROUP BY f.detector
    )
    ORDER BY kind, campaign = 'none', campaign, act"""


def acts_flagged(root: Path) -> str:
    """Return the table of acts for the README: each with its days and who flagged how many."""
    tables = ("access", "usb", "badge", "loads", "presence", "evidence", "findings")
    with beside_truth(root, *tables) as con:
        rows = con.execute(_SQL).fetchall()
    lines = ["| who | act | days | flagged by (days) |", "| --- | --- | --- | --- |"]
    for kind, campaign, act, days, by in rows:
        said = ", ".join(f"`{detector}` {n}" for detector, n in by or ()) or "nothing"
        who = "innocent" if kind == "look_alike" else campaign
        lines.append(f"| {who} | {act} | {days} | {said} |")
    return "\n".join(lines)


@contextlib.contextmanager
def beside_truth(root: Path, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with these tables of the demo's lake and `truth`, the answer key."""
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        lake = lake_of(config.load(root))
        for table in tables:
            lake.view(con, table)
        truth = str(shipped("sample_logs") / "truth.csv")
        con.execute(f"CREATE VIEW truth AS FROM read_csv({truth!r})")
        yield con
