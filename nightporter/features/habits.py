"""How unlikely an hour is for a person: own hours of the past, drawn towards role and organisation.

A present day weighs 1, spread evenly over its active hours; a weight halves in 60 days. What
is kept of the past is one running sum a person, kind of day and hour, so a night never reads
the years behind it. Knows `user_hour` and `presence`; no event and no detector.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from nightporter.features.counting import WORK_DAYS, ensure_past
from nightporter.window import Window

HALF_LIFE = 60
# In days: how much the role's hours weigh beside own ones, the organisation's beside the role's,
# and even odds beside the organisation's.
ROLE_WEIGHT, SITE_WEIGHT, EVEN_WEIGHT = 5, 20, 1
# Running sums are kept of each seventh day: what lies between is counted from `user_hour`.
KEPT_EVERY = 7
# So many days at once: more would need the memory of a first night for all its hours.
PART = 28


def write_hours(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Give `user_hour` its surprise, and create `hour_habit` with the sums that are kept.

    Who was not present that day, but only failed to log on, has none.

    Reads past_hour_habit, of which the newest day before `window` is the base, and
    past_user_hour, which must hold all days between.
    """
    for table in ("user_hour", "hour_habit"):
        ensure_past(con, table)
    base = _base(con, window)
    con.execute(f"CREATE OR REPLACE TEMP TABLE hour_acts AS {_acts(base, window)}")
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE hour_sums AS
        SELECT user_id, rest, hour, weight FROM past_hour_habit WHERE day = DATE '{base}';
        CREATE OR REPLACE TEMP TABLE hour_odds
            (user_id VARCHAR, day DATE, hour BIGINT, surprise DOUBLE);
        CREATE OR REPLACE TABLE hour_habit
            (user_id VARCHAR, day DATE, rest BOOLEAN, hour BIGINT, weight DOUBLE)"""
    )
    for part in _parts(Window(base + timedelta(days=1), window.last)):
        con.execute(_amounts(part))
        con.execute(f"INSERT INTO hour_odds {_odds(part, window)}")
        con.execute(f"INSERT INTO hour_habit {_kept(part, window)}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE hour_sums AS {_sums(part, part.last)}")
    con.execute(
        """CREATE OR REPLACE TABLE user_hour AS
        SELECT h.*, round(o.surprise, 6) AS surprise
        FROM user_hour AS h LEFT JOIN hour_odds AS o USING (user_id, day, hour)"""
    )


def _base(con: duckdb.DuckDBPyConnection, window: Window) -> date:
    """Return the day at whose end the running sums are known: without any, all is counted."""
    newest, oldest = con.execute(
        f"""SELECT
            (SELECT max(day) FROM past_hour_habit WHERE day < DATE '{window.first}'),
            (SELECT min(day) FROM past_user_hour WHERE day < DATE '{window.first}')"""
    ).fetchall()[0]
    return newest or (oldest or window.first) - timedelta(days=1)


def _parts(days: Window) -> Iterator[Window]:
    for n in range(0, len(days), PART):
        first = days.first + timedelta(days=n)
        yield Window(first, min(days.last, first + timedelta(days=PART - 1)))


def _acts(base: date, window: Window) -> str:
    """Each person's active hours by day, smoothed over the neighbours; a day sums up to 1."""
    return f"""
    WITH active AS (
        SELECT DISTINCT user_id, day, hour FROM (
            SELECT user_id, day, hour FROM past_user_hour
            WHERE day > DATE '{base}' AND day < DATE '{window.first}'
            UNION ALL SELECT user_id, day, hour FROM user_hour
        )
    ),
    spread AS (
        SELECT user_id, day, unnest([hour, (hour + 1) % 24, (hour + 23) % 24]) AS hour,
            unnest([0.5, 0.25, 0.25]) / count(*) OVER (PARTITION BY user_id, day) AS share
        FROM active
    )
    SELECT s.user_id, s.day, p.day_type NOT IN {WORK_DAYS} AS rest, s.hour, sum(s.share) AS share
    FROM spread AS s JOIN presence AS p USING (user_id, day) GROUP BY ALL"""


def _amounts(part: Window) -> str:
    """What each day adds, blown up by as much as the days before it will have faded."""
    base = part.first - timedelta(days=1)
    return f"""
    CREATE OR REPLACE TEMP TABLE hour_amounts AS
    SELECT s.user_id, p.role, s.rest, s.hour, s.day, s.amount
    FROM (
        SELECT user_id, rest, hour, DATE '{base}' AS day, weight AS amount FROM hour_sums
        UNION ALL
        SELECT user_id, rest, hour, day, share * pow(2, (day - DATE '{base}') / {HALF_LIFE})
        FROM hour_acts WHERE day BETWEEN DATE '{part.first}' AND DATE '{part.last}'
    ) AS s LEFT JOIN people AS p USING (user_id)"""


def _faded(part: Window, day: str) -> str:
    return f"pow(2, (DATE '{part.first}' - 1 - {day}) / {HALF_LIFE})"


def _sums(part: Window, day: date) -> str:
    """The running sums at the end of a day of `part`; in whatever order they were added up."""
    return f"""
        SELECT user_id, rest, hour,
            round(sum(amount) * {_faded(part, f"DATE '{day}'")}, 9) AS weight
        FROM hour_amounts WHERE day <= DATE '{day}' GROUP BY ALL"""


def _kept(part: Window, window: Window) -> str:
    days = [day for day in part if day in window and day.toordinal() % KEPT_EVERY == 0]
    pieces = [
        f"SELECT user_id, DATE '{day}', rest, hour, weight FROM ({_sums(part, day)})"
        for day in days
    ]
    return " UNION ALL ".join(pieces) or "FROM hour_habit LIMIT 0"


def _odds(part: Window, window: Window) -> str:
    """The mass of all hours no likelier than each active one, by the days before."""
    return f"""
    WITH asked AS (
        SELECT DISTINCT user_id, p.role, a.rest, a.day
        FROM hour_acts AS a LEFT JOIN people AS p USING (user_id)
        WHERE a.day BETWEEN greatest(DATE '{part.first}', DATE '{window.first}')
            AND DATE '{part.last}'
    ),
    hours AS (SELECT unnest(range(24)) AS hour),
    {_histogram("site", "rest", part)},
    {_histogram("role", "rest, role", part)},
    {_histogram("own", "rest, user_id", part)},
    odds_site AS (
        SELECT a.rest, a.day, h.hour, (coalesce(s.weight, 0) + {EVEN_WEIGHT} / 24)
            / (coalesce(sum(s.weight) OVER (PARTITION BY a.rest, a.day), 0) + {EVEN_WEIGHT}) AS p
        FROM (SELECT DISTINCT rest, day FROM asked) AS a CROSS JOIN hours AS h
        LEFT JOIN site AS s USING (rest, day, hour)
    ),
    odds_role AS (
        SELECT a.role, a.rest, a.day, o.hour, (coalesce(r.weight, 0) + {SITE_WEIGHT} * o.p)
            / (coalesce(sum(r.weight) OVER (PARTITION BY a.role, a.rest, a.day), 0)
                + {SITE_WEIGHT}) AS p
        FROM (SELECT DISTINCT role, rest, day FROM asked) AS a JOIN odds_site AS o USING (rest, day)
        LEFT JOIN role AS r USING (role, rest, day, hour)
    ),
    odds_own AS (
        SELECT a.user_id, a.day, o.hour, (coalesce(w.weight, 0) + {ROLE_WEIGHT} * o.p)
            / (coalesce(sum(w.weight) OVER (PARTITION BY a.user_id, a.day), 0) + {ROLE_WEIGHT}) AS p
        FROM asked AS a
        JOIN odds_role AS o ON o.role IS NOT DISTINCT FROM a.role
            AND o.rest = a.rest AND o.day = a.day
        LEFT JOIN own AS w
            ON w.user_id = a.user_id AND w.rest = a.rest AND w.day = a.day AND w.hour = o.hour
    ),
    -- Hours as likely as this one count, too: what differs by rounding is as likely.
    masses AS (
        SELECT user_id, day, hour, sum(p) OVER (
            PARTITION BY user_id, day ORDER BY round(p, 12)
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mass
        FROM odds_own
    )
    SELECT user_id, day, hour, greatest(0, -log10(mass)) AS surprise FROM masses"""


def _histogram(name: str, whose: str, part: Window) -> str:
    """A CTE: the faded weights of every hour before each asked day, by `whose`."""
    return f"""{name} AS (
        SELECT {whose}, d.day, m.hour, sum(m.amount * {_faded(part, "(d.day - 1)")}) AS weight
        FROM (SELECT {whose}, hour, day AS then, sum(amount) AS amount
            FROM hour_amounts GROUP BY ALL) AS m
        JOIN (SELECT DISTINCT {whose}, day FROM asked) AS d USING ({whose})
        WHERE m.then < d.day GROUP BY ALL
    )"""
