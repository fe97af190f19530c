"""The raw rows behind findings, each with the file and line where it is found again."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb

Row = Mapping[str, Any]


def raw_rows(
    con: duckdb.DuckDBPyConnection, shown: str, evidence: str, most: int
) -> dict[str, list[Row]]:
    """Return by finding_id the first `most` rows of view `evidence`, for findings of `shown`.

    Each row has `total`, how many there are, and the `path` of its log.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in con.sql(_ROWS.format(shown=shown, evidence=evidence, most=most)).pl().to_dicts():
        found[row["finding_id"]].append(row)
    return found


_ROWS = """
    SELECT e.*, record ->> '$.site' AS site, l.path
    FROM (
        SELECT finding_id, ts, local_ts, event, source, action, place, object, feed, file_id, line,
            record, row_number() OVER (PARTITION BY finding_id ORDER BY ts, line, event) AS nth,
            count(*) OVER (PARTITION BY finding_id) AS total
        FROM {evidence} SEMI JOIN {shown} USING (finding_id)
        QUALIFY nth <= {most}
    ) AS e
    LEFT JOIN (SELECT file_id, min(path) AS path FROM loads GROUP BY file_id) AS l USING (file_id)
    ORDER BY finding_id, nth"""
