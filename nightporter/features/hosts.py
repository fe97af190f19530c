"""Who sits at which host: logons by host, person and day, and whose host it was until then.

Reads `access` and the stored days before; a host's owner is learned, no register is asked.
"""

import duckdb

from nightporter.features.counting import ensure_past
from nightporter.features.declared import HOST_LOGON
from nightporter.window import Window

# So many days before a day say whose host it is.
OWNED_DAYS = 60


def write_host_days(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create `host_day`: the days of `window`, and those before it as they were stored.

    One row a host, person and day with a logon that somebody made by hand. `owner` is who made
    most of the host's logons in the 60 days before, on `owner_days` days, `share` of them all;
    NULL where nobody was there. No row rests on its own day or a later one for that.
    """
    ensure_past(con, "host_day")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE host_uses AS
        SELECT host, user_id, day, logons, off_hours FROM past_host_day
        WHERE day < DATE '{window.first}'
        UNION ALL BY NAME
        SELECT host, {_WHO} AS user_id, day, count(*)::BIGINT AS logons,
            count_if(off_minutes > 60)::BIGINT AS off_hours
        FROM access
        WHERE day BETWEEN DATE '{window.first}' AND DATE '{window.last}' AND {HOST_LOGON}
        GROUP BY ALL"""
    )
    con.execute(f"CREATE OR REPLACE TABLE host_day AS {_owned(window)}")
    con.execute("DROP TABLE host_uses")


# An account of many hands is no person's, and a host where it logs on is nobody's own.
_WHO = """CASE WHEN account_kind IN ('person', 'privileged') THEN user_id
            ELSE 'shared:' || coalesce(account, '') END"""


def _owned(window: Window) -> str:
    return f"""
    WITH asked AS (
        SELECT DISTINCT host, day FROM host_uses WHERE day >= DATE '{window.first}'
    ),
    before AS (
        SELECT a.host, a.day, u.user_id, sum(u.logons) AS logons, count(*) AS days
        FROM asked AS a JOIN host_uses AS u
          ON u.host = a.host AND u.day BETWEEN a.day - {OWNED_DAYS} AND a.day - 1
        GROUP BY ALL
    ),
    owners AS (
        SELECT host, day, arg_max(user_id, (logons, user_id)) AS owner,
            arg_max(days, (logons, user_id)) AS owner_days,
            round(max(logons) / sum(logons), 6) AS share
        FROM before GROUP BY host, day
    )
    SELECT u.*, o.owner, o.owner_days, o.share
    FROM host_uses AS u LEFT JOIN owners AS o USING (host, day)
    WHERE u.day >= DATE '{window.first}'
    UNION ALL BY NAME SELECT * FROM past_host_day WHERE day < DATE '{window.first}'"""
