"""Who an account or a badge was at an instant: dated, never guessed.

Where two people hold one account at the same time, nobody does: the event keeps
`account:x`, in small letters, and the day's unmapped identities name it.
"""

import re

import duckdb

from nightporter.config import Settings, fault

# Accounts of the system itself, on any Windows or Samba host.
MACHINE_ACCOUNTS = (
    "system", "local service", "network service", "anonymous logon", "nt authority\\system",
)  # fmt: skip


def write_identities(con: duckdb.DuckDBPyConnection) -> None:
    """Create `identity` (kind, key, since, until, user_id, holders, held_by, why, account_kind).

    Each key's time is cut wherever an assignment starts or ends: one row holds at any instant of
    [since, until), and none before the first. A person's own user_id is an account unless the
    register lists it.
    `why` nobody holds it: shared (by its kind) or overlap (of several, `held_by`), gap
    (between two, the neighbours are `held_by`), ended (after the last).
    """
    con.execute(
        """CREATE OR REPLACE TABLE identity AS
        WITH assigned AS (
            SELECT 'account' AS kind, lower(account) AS key, user_id,
                kind AS account_kind, valid_from, valid_to FROM accounts
            UNION ALL
            SELECT 'account', lower(user_id), user_id, 'person',
                TIMESTAMPTZ '0001-01-01', TIMESTAMPTZ '9999-12-31'
            FROM people
            WHERE lower(user_id) NOT IN (SELECT lower(account) FROM accounts)
            UNION ALL
            SELECT 'badge', badge_id, user_id, kind, valid_from, valid_to FROM badges
        ),
        cuts AS (
            SELECT kind, key, valid_from AS since FROM assigned
            UNION SELECT kind, key, valid_to FROM assigned
        ),
        held AS (
            SELECT c.kind, c.key, c.since,
                CASE WHEN count(DISTINCT a.user_id) = 1 THEN any_value(a.user_id) END AS user_id,
                count(DISTINCT a.user_id) AS holders,
                coalesce(list_sort(list(DISTINCT a.user_id) FILTER (a.user_id IS NOT NULL)), [])
                    AS names,
                count(a.key) > 0 AS assigned,
                -- Of two kinds at once the one that hides nothing, in whatever order they stand.
                any_value(a.account_kind ORDER BY a.account_kind IN ('service', 'machine'),
                    a.account_kind DESC) AS account_kind
            FROM cuts AS c
            LEFT JOIN assigned AS a ON a.kind = c.kind AND a.key = c.key
                AND a.valid_from <= c.since AND a.valid_to > c.since
            GROUP BY c.kind, c.key, c.since
        )
        SELECT kind, key, since,
            coalesce(lead(since) OVER ahead, TIMESTAMPTZ 'infinity') AS until,
            user_id, holders, account_kind, CASE
                WHEN holders > 1 AND account_kind IN ('shared', 'pool') THEN 'shared'
                WHEN holders > 1 THEN 'overlap'
                WHEN assigned THEN NULL
                WHEN lead(assigned) OVER ahead THEN 'gap'
                ELSE 'ended' END AS why,
            CASE why WHEN 'gap' THEN list_sort(list_distinct(
                lag(names) OVER ahead || lead(names) OVER ahead)) ELSE names END AS held_by
        FROM held WINDOW ahead AS (PARTITION BY kind, key ORDER BY since)"""
    )


def check_patterns(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Raise ConfigError for a pattern that Python reads and DuckDB's RE2 does not."""
    for kind in ("account", "badge"):
        try:
            con.execute("SELECT " + from_pattern(settings, kind, "'x'")).fetchall()
        except duckdb.Error as error:
            said = str(error).partition("\n")[0]
            raise fault(settings, said, "context", f"{kind}_pattern") from None


def from_pattern(settings: Settings, kind: str, column: str) -> str:
    """Return SQL for the user_id that the site's pattern reads out of `column`, or NULL."""
    pattern = getattr(settings.context, f"{kind}_pattern")
    if pattern is None:
        return "NULL"
    named = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    group = re.compile(named).groupindex["user_id"]
    text = named.replace("'", "''")
    return f"nullif(regexp_extract({column}, '{text}', {group}), '')"


def person_read(settings: Settings, kind: str, column: str) -> str:
    """Return SQL for whom the site's pattern means: as people.csv spells them, whatever the case;
    in small letters who does not stand there."""
    read = from_pattern(settings, kind, column)
    if read == "NULL":
        return read
    known = f"SELECT min(p.user_id) FROM people AS p WHERE lower(p.user_id) = lower({read})"
    return f"coalesce(({known}), lower({read}))"


def is_machine(column: str) -> str:
    """Return SQL that is true for accounts of the system itself."""
    names = ", ".join(f"'{name}'" for name in MACHINE_ACCOUNTS)
    return f"(lower({column}) IN ({names}) OR ends_with({column}, '$'))"
