"""SQL that writes JSON without nulls: a member whose value is NULL is left out.

Knows texts of SQL, no table.
"""


def value(sql: str) -> str:
    """Return SQL: the JSON text of a value; NULL where it is NULL."""
    return f"to_json({sql})::VARCHAR"


def members(**values: str | None) -> str:
    """Return SQL: a JSON object of the members whose SQL is not NULL; NULL where none is.

    Each value is SQL for a JSON text.
    """
    parts = ", ".join(f"'\"{name}\":' || {sql}" for name, sql in values.items())
    return f"'{{' || nullif(concat_ws(',', {parts}), '') || '}}'"


def array(sql: str, order: str = "") -> str:
    """Return SQL: an aggregate of JSON texts into a JSON array; NULL where there is none."""
    return f"'[' || string_agg({sql}, ','{order}) || ']'"
