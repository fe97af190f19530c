"""A notebook that opens a case: it reads findings.duckdb, and nothing else.

    pip install marimo duckdb polars pyarrow pytz
    marimo edit docs/examples/case.py -- demo/findings.duckdb avelten

Without a name it opens the case of whoever stands first. Names come from logs that an adversary
writes: they are shown in tables and plain text, never as Markdown, which would run them.
"""

import marimo

app = marimo.App(width="full", app_title="A case")


@app.cell
def _():
    import sys

    import duckdb
    import marimo as mo
    import polars as pl

    return duckdb, mo, pl, sys


@app.cell
def _(duckdb, sys):
    file, user = [*sys.argv[1:3], *["findings.duckdb", ""][len(sys.argv[1:3]) :]]
    con = duckdb.connect(file, read_only=True)
    con.execute("SET timezone = 'UTC'")

    def ask(sql, *values):
        return con.sql(sql, params=list(values)).pl()

    return ask, user


@app.cell
def _(mo):
    mo.md("# The newest list")
    return


@app.cell
def _(ask, user):
    ranking = ask("FROM ranking")
    who = user or (ranking["user_id"].to_list() or [""])[0]
    ranking
    return ranking, who


@app.cell
def _(mo):
    mo.md("# What is said, and what to check first")
    return


@app.cell
def _(ask, who):
    found = ask("FROM findings_of(?) WHERE status = 'open'", who)
    found
    return (found,)


@app.cell
def _(ask, who):
    checks = ask(
        """SELECT detector, count(*) AS findings, triage, falsepositives, blindspots
        FROM detectors AS d JOIN findings_of(?) AS f USING (detector) WHERE f.status = 'open'
        GROUP BY ALL ORDER BY findings DESC, detector""",
        who,
    )
    checks
    return (checks,)


@app.cell
def _(mo):
    mo.md("# The hours of flagged days: a row a day, ▓ where a detector cites an event")
    return


@app.cell
def _(ask, who):
    line = ask("FROM timeline(?)", who)
    line
    return (line,)


@app.cell
def _(line, mo, pl):
    hours = (
        line.with_columns(hour=pl.col("local_ts").dt.hour())
        .group_by("day", "hour")
        .agg(cited=pl.col("flagged").is_not_null().any())
        .group_by("day")
        .agg(seen=pl.col("hour"), cited=pl.col("hour").filter("cited"))
        .sort("day")
    )
    picture = "\n".join(
        f"{day}  " + "".join("▓" if h in cited else "░" if h in seen else "·" for h in range(24))
        for day, seen, cited in hours.iter_rows()
    )
    mo.plain_text(picture)
    return (picture,)


@app.cell
def _(mo):
    mo.md("# What was carried out")
    return


@app.cell
def _(ask, who):
    carried = ask(
        """SELECT how, device_id, label, count(DISTINCT object) AS documents,
            sum(bytes)::BIGINT AS bytes, min(day) AS first_day, max(day) AS last_day
        FROM carried_out WHERE user_id = ?
        GROUP BY how, device_id, label ORDER BY documents DESC, device_id, label""",
        who,
    )
    carried
    return (carried,)


@app.cell
def _(mo):
    mo.md("# Who was near on the last flagged day")
    return


@app.cell
def _(ask, line, who):
    near = ask("FROM neighbours(?, ?)", who, line["day"].max())
    near
    return (near,)


@app.cell
def _(mo):
    mo.md("# The raw lines behind the newest finding")
    return


@app.cell
def _(ask, found):
    raw = ask(
        """SELECT e.local_ts, e.action, e.place, e.object, l.path, e.line
        FROM evidence_of(?) AS e JOIN loads AS l USING (file_id) ORDER BY e.ts, e.line""",
        (found["finding_id"].to_list() or [""])[-1],
    )
    raw
    return (raw,)


@app.cell
def _(mo):
    mo.md("# What could not be seen on these days")
    return


@app.cell
def _(ask, found):
    blind = ask(
        "SELECT day, detector, reason FROM blind WHERE day BETWEEN ? AND ? ORDER BY day, detector",
        found["day"].min(),
        found["day"].max(),
    )
    blind
    return (blind,)


if __name__ == "__main__":
    app.run()
