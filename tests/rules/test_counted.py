"""Which features of user_day a SELECT can see: what is left out of the book changes no answer."""

import random
from datetime import date, timedelta

import duckdb
import pytest

from nightporter.rules.counted import features_seen

SEEN = {
    "SELECT * FROM user_day WHERE feature = 'a' AND x > 1": {"a"},
    "SELECT sum(x) FROM USER_DAY AS u WHERE x > 1 AND u.feature IN ('a', 'b')": {"a", "b"},
    "SELECT sum(x) FROM user_day WHERE feature IN ('a', 'b') AND 'b' = 'b' AND feature = 'b'": {
        "b"
    },
    "SELECT p.day, u.x FROM presence AS p LEFT JOIN user_day AS u"
    " ON u.user_id = p.user_id AND u.day = p.day AND u.feature = 'c'": {"c"},
    "SELECT p.day FROM presence AS p JOIN user_day AS u USING (user_id) WHERE u.feature = 'a'"
    " UNION ALL SELECT day FROM user_day WHERE feature = 'b'": {"a", "b"},
    "SELECT p.day FROM user_day AS u RIGHT JOIN presence AS p USING (user_id, day)"
    " WHERE u.feature = 'a'": {"a"},
    "WITH w AS (SELECT *, max(x) OVER (PARTITION BY user_id) AS most FROM user_day"
    " WHERE feature = 'a') SELECT * FROM w WHERE most > 3": {"a"},
    "SELECT day FROM presence AS p WHERE EXISTS (FROM user_day AS u WHERE u.feature = 'c'"
    " AND u.day = p.day)": {"c"},
    "SELECT day FROM presence": set(),
}
# Each of these would answer something else if only the named feature were there.
ALL = (
    "SELECT sum(x) FROM user_day",
    "SELECT sum(x) FROM user_day WHERE feature <> 'a'",
    "SELECT sum(x) FROM user_day WHERE feature LIKE 'a%' OR feature = 'b'",
    "SELECT sum(x) FROM user_day WHERE NOT feature = 'a'",
    "SELECT sum(x) FILTER (WHERE feature = 'a'), count(*) FROM user_day",
    "SELECT feature, row_number() OVER (ORDER BY x, user_id, feature, day) AS n FROM user_day"
    " QUALIFY feature = 'a'",
    "SELECT count(*) FROM user_day AS u LEFT JOIN presence AS p"
    " ON p.user_id = u.user_id AND u.feature = 'a'",
    "SELECT count(*) FROM presence AS p ANTI JOIN user_day AS u"
    " ON u.user_id = p.user_id AND u.x > 8",
    "SELECT count(*) FROM presence AS p ASOF JOIN user_day AS u"
    " ON u.user_id = p.user_id AND u.day <= p.day WHERE u.feature = 'a'",
    "SELECT count(*) FROM (SELECT 'a' AS feature) AS s, user_day WHERE s.feature = 'a'",
    "SELECT count(*) FROM user_day AS u(user_id, feature, day) WHERE u.feature = 'a'",
    "SELECT count(*) FROM user_day WHERE feature = upper('a')",
    "SELECT x FROM user_day WHERE feature = 'a' UNION ALL SELECT x FROM user_day",
)  # fmt: skip


@pytest.mark.parametrize("sql", SEEN, ids=range(len(SEEN)))
def test_the_rows_of_other_features_make_no_difference(sql: str) -> None:
    seen = features_seen(sql)
    assert seen == SEEN[sql]
    names = ", ".join(f"'{name}'" for name in ("", *seen))
    for seed in range(5):
        con = _some_days(seed)
        asked = f"FROM ({sql}) ORDER BY ALL"
        whole = con.execute(asked).fetchall()
        con.execute(f"DELETE FROM user_day WHERE feature NOT IN ({names})")
        assert con.execute(asked).fetchall() == whole


@pytest.mark.parametrize("sql", ALL, ids=range(len(ALL)))
def test_where_the_feature_is_not_plainly_named_all_are_seen(sql: str) -> None:
    assert features_seen(sql) is None


def _some_days(seed: int) -> duckdb.DuckDBPyConnection:
    chance = random.Random(seed)
    con = duckdb.connect()
    con.execute(
        """CREATE TABLE user_day (user_id VARCHAR, day DATE, feature VARCHAR, x DOUBLE);
        CREATE TABLE presence (user_id VARCHAR, day DATE)"""
    )
    for n in range(40):
        who, day = chance.choice("uvw"), date(2026, 1, 5) + timedelta(days=chance.randrange(9))
        con.execute("INSERT INTO presence VALUES (?, ?)", [who, day])
        row = [who, day, "abcd"[n % 4], chance.randrange(9)]
        con.execute("INSERT INTO user_day VALUES (?, ?, ?, ?)", row)
    return con
