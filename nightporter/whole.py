"""The whole lake as DuckDB tables by name, for those who ask it themselves.

What findings.duckdb holds stands here under the same names, so one query suits both.
"""

import duckdb

from nightporter import context
from nightporter.config import Settings
from nightporter.desk import desk_frame
from nightporter.lake import Lake
from nightporter.macros import write_macros
from nightporter.publish import CALLED, COVERAGE, Known, cases_sql, registers, write_catalogue
from nightporter.ranked import PEOPLE_DAY
from nightporter.schema import SOURCES, TABLES


def write_whole(
    con: duckdb.DuckDBPyConnection, settings: Settings, lake: Lake, known: Known
) -> None:
    """Create views over the lake's files as they are now, in the database in use.

    Events have their `user_id`, cases stand as analysts left them. Context, detectors and knobs
    are copied as tables. Raise ConfigError where a context file says something wrong.
    """
    con.execute("SET timezone = 'UTC'")
    for table in TABLES:
        lake.view(con, table, name=f"raw_{table}" if table in (*SOURCES, "cases") else table)
    con.register("stands", desk_frame(lake).to_arrow())
    con.execute("CREATE TABLE desk AS FROM stands")
    con.unregister("stands")
    con.execute(f"CREATE VIEW cases AS {cases_sql('raw_cases')}")
    (here,) = con.execute("SELECT current_database()").fetchall()[0]
    for name, query in registers(con, settings, known).items():
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM ({query}) ORDER BY ALL")
    write_catalogue(con, known, f'"{here}"')
    context.write_identities(con)
    for source in SOURCES:
        con.execute(f"CREATE VIEW {source} AS {context.named_sql(settings, source)}")
    for table, name in CALLED.items():
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM {table}")
    con.execute(f"CREATE VIEW people_day AS {PEOPLE_DAY}")
    con.execute(f"CREATE VIEW coverage AS {COVERAGE}")
    write_macros(con)
    # So that a detector's file runs as it is.
    con.execute("CREATE MACRO knob(name, fallback) AS fallback")
