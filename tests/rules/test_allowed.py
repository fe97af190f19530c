"""Hostile and careless SQL is refused with the line; ordinary SQL passes."""

from collections.abc import Callable

import pytest
from rules.conftest import SQL_LINE

from nightporter.errors import DetectorError
from nightporter.rules import Sheet, parse
from nightporter.rules.allowed import allowed

HOSTILE = {
    "a copy inside a CTE": "WITH x AS (COPY (SELECT 1) TO '/tmp/f') SELECT user_id FROM access",
    "a copy": "COPY access TO '/tmp/f'",
    "an attach": "ATTACH '/tmp/other.db'",
    "a pragma": "PRAGMA database_list",
    "a setting": "SET memory_limit = '1TB'",
    "a call": "CALL duckdb_settings()",
    "an install": "INSTALL httpfs",
    "a load": "LOAD httpfs",
    "a table": "CREATE TABLE t AS SELECT 1",
    "a macro": "CREATE MACRO knob(a, b) AS 1",
    "an insert": "INSERT INTO access SELECT * FROM access",
    "a delete inside a CTE": "WITH x AS (DELETE FROM access RETURNING *) SELECT * FROM x",
    "an insert inside a CTE": "WITH x AS (INSERT INTO access FROM usb RETURNING *) SELECT * FROM x",
    "an update inside a CTE": "WITH x AS (UPDATE access SET day = NULL RETURNING *) FROM x",
    "two statements": "SELECT user_id, day FROM access; SELECT 1",
    "a second statement after a comment": "SELECT user_id, day FROM access; -- x\nCOPY usb TO 'f'",
    "nothing": "-- no SQL at all",
    "a file": "SELECT * FROM '/etc/passwd'",
    "a csv": "SELECT * FROM read_csv('/etc/passwd')",
    "a csv in capitals": "SELECT * FROM READ_CSV_AUTO('/etc/passwd')",
    "a text file": "SELECT * FROM read_text('/etc/passwd')",
    "parquet": "SELECT * FROM read_parquet('s3://bucket/*')",
    "a glob": "SELECT * FROM glob('/*')",
    "a file in a scalar subquery": "SELECT user_id, (SELECT content FROM read_text('/x')) FROM usb",
    "a file in a list": "SELECT [(SELECT count(*) FROM read_csv('/x'))] AS a FROM access",
    "a file in VALUES": "SELECT * FROM (VALUES (1, (SELECT file FROM glob('/*')))) AS t (a, b)",
    "a file in a lambda": "SELECT list_transform([1], lambda x: (FROM glob('/*'))) FROM access",
    "a file in ORDER BY": "SELECT user_id FROM access ORDER BY (SELECT max(file) FROM glob('/*'))",
    "a file in LIMIT": "SELECT user_id FROM access LIMIT (SELECT count(*) FROM glob('/*'))",
    "a file in a join": "SELECT 1 FROM access JOIN usb ON (SELECT true FROM glob('/*'))",
    "a file in a filter": "SELECT count(*) FILTER (WHERE (SELECT true FROM glob('/*'))) FROM usb",
    "a file in a window": "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM glob('/*'))) FROM access",
    "query": "SELECT * FROM query('SELECT 1')",
    "query_table": "SELECT * FROM query_table('access')",
    "settings": "SELECT * FROM duckdb_settings()",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "settings as a view": "SELECT * FROM duckdb_settings",
    "information schema": "SELECT * FROM information_schema.tables",
    "a schema": "SELECT user_id, day FROM main.access",
    "a catalog": "SELECT user_id, day FROM night.main.access",
    "the night behind the view": 'SELECT user_id, day FROM "night"."access"',
    "sqlite_master": "SELECT * FROM sqlite_master",
    "another table": "SELECT * FROM findings",
    "show": "SHOW TABLES",
    "describe in a subquery": "SELECT * FROM (DESCRIBE access)",
    "summarize": "SELECT * FROM (SUMMARIZE access)",
    "the environment": "SELECT getenv('HOME') FROM access",
    "a setting's value": "SELECT current_setting('temp_directory') FROM access",
    "a variable": "SELECT getvariable('x') FROM access",
    "now": "SELECT user_id, now() AS day FROM access",
    "now in capitals": 'SELECT user_id, "NOW"() AS day FROM access',
    "now with a schema": "SELECT user_id, main.now() AS day FROM access",
    "today": "SELECT user_id, today() AS day FROM access",
    "current_date": "SELECT user_id, current_date AS day FROM access",
    "current_date quoted": 'SELECT user_id, "current_date" AS day FROM access',
    "current_timestamp": "SELECT user_id, CURRENT_TIMESTAMP AS day FROM access",
    "localtime": "SELECT user_id, localtimestamp AS day FROM access",
    "age to now": "SELECT age(local_ts) FROM access",
    "ago": "SELECT ago(INTERVAL 1 DAY) FROM access",
    "random": "SELECT random() FROM access",
    "a uuid": "SELECT uuid() FROM access",
    "a sample": "SELECT user_id, day FROM access USING SAMPLE 10",
    "a table sample": "SELECT user_id, day FROM access TABLESAMPLE 10%",
    "sleep": "SELECT sleep_ms(100000) FROM access",
    "pg_sleep": "SELECT pg_sleep(1000) FROM access",
    "a sequence": "SELECT nextval('s') FROM access",
    "the version": "SELECT version() FROM access",
    "the log": "SELECT write_log('x') FROM access",
    "an error": "SELECT error('x') FROM access",
    "a parameter": "SELECT user_id, ? FROM access",
    "SQL from JSON": "SELECT * FROM json_execute_serialized_sql('{}')",
    "a pivot": "SELECT * FROM (PIVOT access ON action USING count(*))",
    "a shadowed table": "WITH access AS (SELECT 1 AS user_id) SELECT * FROM access",
    "what a recursion starts from":
        "WITH RECURSIVE duckdb_views AS (FROM duckdb_views UNION FROM duckdb_views) SELECT 1",
    "a CTE with the sign of Kelvin":
        'WITH "duc\u212adb_views" AS (SELECT 1) SELECT view_name FROM duckdb_views',
    "a CTE out of scope": "SELECT * FROM x WHERE EXISTS (WITH x AS (SELECT 1) SELECT * FROM x)",
    "an internal function": "SELECT __internal_barrier(1) FROM access",
    "the catalog, by an index": "SELECT index_key({'table': 'all_loads'}, 'x', 1) FROM access",
    "a table function of a log": "SELECT * FROM duckdb_logs()",
    "a knob by expression": "SELECT knob(user_id, 1) FROM access",
    "a knob without a number": "SELECT knob('a', 'b') FROM access",
    "a fullwidth name": "SELECT ｎow() FROM access",
    "a deep nest": "SELECT " + "(" * 3000 + "1" + ")" * 3000,
}  # fmt: skip

# Valid SQL, over which DuckDB's parser would sit for minutes: it is never asked.
SLOW = "SELECT user_id FROM " + "(" * 17_000 + "access" + " JOIN usb ON true)" * 17_000

ORDINARY = {
    "windows": "SELECT user_id, sum(x) OVER (PARTITION BY user_id ORDER BY day) AS s FROM user_day",
    "a range join": "SELECT a.user_id FROM access AS a ASOF JOIN usb AS u ON a.ts >= u.ts",
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r WHERE n < 9) FROM r",
    "sets": "SELECT user_id FROM access UNION ALL BY NAME SELECT user_id FROM usb",
    "lists": "SELECT list_transform([1], lambda x: x + 1), unnest([1]), array_agg(day) FROM usb",
    "ranges": "SELECT * FROM range(3) AS r, generate_series(1, 2), unnest([1]) AS u (x)",
    "quantiles": "SELECT quantile_cont(x, 0.5), mad(x), stddev(x), lgamma(2) FROM user_day",
    "dates": "SELECT date_trunc('week', day), day - INTERVAL 3 DAYS, strftime(day, '%a') FROM usb",
    "regular expressions": "SELECT regexp_matches(resource, '^/x'), lower(host) FROM access",
    "qualify": "SELECT user_id FROM access QUALIFY row_number() OVER (ORDER BY ts) = 1",
    "a struct": "SELECT {'a': 1}.a, struct_pack(b := 2), CASE WHEN true THEN 1 END FROM people",
    "filters": "SELECT count(*) FILTER (WHERE off_hours), bool_or(off_hours) FROM badge",
    "subqueries": "SELECT 1 FROM usb AS a WHERE EXISTS (FROM doors WHERE owner = a.user_id)",
    "an interval of a knob": "SELECT day - INTERVAL (knob('days', 3)) DAYS FROM access",
}  # fmt: skip

Write = Callable[..., Sheet]


@pytest.mark.parametrize("sql", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_known_to_be_harmless_is_refused(sheet: Write, sql: str) -> None:
    with pytest.raises(DetectorError):
        allowed(sheet(sql))


@pytest.mark.parametrize("sql", ORDINARY.values(), ids=ORDINARY.keys())
def test_ordinary_sql_passes(sheet: Write, sql: str) -> None:
    allowed(sheet(sql))


def test_brackets_without_end_are_refused_before_they_are_parsed(sheet: Write) -> None:
    with pytest.raises(DetectorError, match="nested too deeply") as caught:
        allowed(sheet("SELECT '(', \"[\", $$ ( $$ -- (\n;" + SLOW))
    assert caught.value.line == SQL_LINE + 1


def test_the_line_of_a_byte_is_found_among_signs_of_several_bytes(sheet: Write) -> None:
    read = sheet("SELECT 'ä€',\r\n  'ü',\n\n  '' FROM access")
    raw = read.text.encode()
    for at in range(len(raw)):
        assert read.line_at(at) == raw[:at].count(b"\n") + 1
    assert read.line_at(len(raw) + 1) is None


def test_a_refusal_points_at_its_line(sheet: Write) -> None:
    with pytest.raises(DetectorError) as caught:
        allowed(sheet("-- Ärger\nSELECT\n    'ü' AS user_id,\n    now() AS day\nFROM access"))
    assert caught.value.text == "    now() AS day"
    assert "now is not allowed" in caught.value.message


def test_an_unknown_table_gets_the_nearest(sheet: Write) -> None:
    with pytest.raises(DetectorError, match="no table 'acess'") as caught:
        allowed(sheet("SELECT user_id, day FROM acess"))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean access?")


def test_it_reports_what_the_select_uses(sheet: Write) -> None:
    found = allowed(
        sheet(
            "SELECT u.user_id, u.day AS d\nFROM user_day AS u JOIN doors ON true\n"
            "WHERE feature = 'views' AND x > knob('most', 1.5)  -- a reason\n"
            "AND x < -knob('least', -2)"
        )
    )
    assert found.tables == {"user_day", "doors"}
    assert "views" in found.texts
    assert found.columns == ("user_id", "d")
    assert [(knob.name, knob.default, knob.reason) for knob in found.knobs] == [
        ("most", 1.5, "a reason"),
        ("least", -2, ""),
    ]


def test_a_star_hides_the_columns(sheet: Write) -> None:
    assert allowed(sheet("SELECT * FROM access")).columns is None


def test_one_knob_has_one_default(sheet: Write) -> None:
    with pytest.raises(DetectorError, match="two defaults"):
        allowed(sheet("SELECT knob('a', 1) + knob('a', 2) FROM access"))


@pytest.mark.parametrize(("table", "reach"), [("access", 7), ("usb", 35), ("badge", 35)])
def test_raw_events_reach_back_only_so_far(sheet: Write, table: str, reach: int) -> None:
    sql = f"SELECT user_id, day FROM {table}"
    parse(sheet(sql, lookback=f"{reach}d"))
    with pytest.raises(DetectorError, match="reaches back") as caught:
        parse(sheet(sql, lookback=f"{reach + 1}d"))
    assert caught.value.line == 6


def test_features_reach_back_further(sheet: Write) -> None:
    parse(sheet("SELECT user_id, day FROM user_day", lookback="365d"))
