"""Accounts that act like machines: far above everybody, day after day, whatever a register says.

Reads a view of `presence`. A robot is ranked among robots: its findings are said, its volume
hides no person. It is a person again on the first day on which it acts like one.
"""

from nightporter.window import Window

# So many times what all but one in a hundred people have on that day ...
TIMES = 20
# ... on each of so many days with events,
DAYS = 14
# all of them within so many days: who works on workdays only is seen as one, too.
WITHIN = 28
# Of a day with fewer people nothing is said: on Sundays the robots are alone.
LEAST = 10


def robots_sql(window: Window) -> str:
    """Return SQL: user_id, day, since, events, usual, for each day of `window` on which an account
    is a robot.

    `events` is the calmest of its days, `usual` the highest 99 % point of the others on them.
    """
    days = f"generate_series(DATE '{window.first}', DATE '{window.last}', INTERVAL 1 DAY)"
    back = f"PARTITION BY user_id ORDER BY day ROWS BETWEEN {DAYS - 1} PRECEDING AND CURRENT ROW"
    return f"""
    WITH present AS MATERIALIZED (
        SELECT user_id, day, events FROM presence
        WHERE day >= DATE '{window.reaching_back(WITHIN - 1).first}'
    ),
    -- Robots must not raise the bar by which they are known: a few do not raise the median.
    middle AS (
        SELECT day, median(events) AS events FROM present GROUP BY day HAVING count(*) >= {LEAST}
    ),
    usual AS (
        SELECT p.day, quantile_cont(p.events, 0.99) AS usual
        FROM present AS p JOIN middle AS m USING (day)
        WHERE p.events <= {TIMES} * m.events GROUP BY p.day
    ),
    -- Hardly anybody is above so often: the others need no window.
    often AS (
        SELECT user_id FROM present AS p JOIN usual AS u USING (day)
        WHERE p.events > {TIMES} * u.usual GROUP BY user_id HAVING count(*) >= {DAYS}
    ),
    run AS (
        SELECT p.user_id, p.day, count(*) OVER back AS days, min(p.day) OVER back AS since,
            bool_and(p.events > {TIMES} * u.usual) OVER back AS above,
            min(p.events) OVER back AS events, max(u.usual) OVER back AS usual,
            coalesce(lead(p.day) OVER (PARTITION BY p.user_id ORDER BY p.day),
                DATE '9999-12-31') AS next_day
        FROM present AS p JOIN usual AS u USING (day) SEMI JOIN often USING (user_id)
        WINDOW back AS ({back})
    )
    SELECT r.user_id, a.day, r.since, r.events, r.usual
    FROM (SELECT unnest({days})::DATE AS day) AS a
    JOIN run AS r ON r.above AND r.days = {DAYS}
        AND a.day >= r.day AND a.day < r.next_day AND a.day <= r.since + {WITHIN - 1}"""
