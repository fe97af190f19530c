"""What is covered as one HTML file: the report's look, a matrix of detectors and articles."""

from pathlib import Path
from typing import Any

from nightporter.overview.coverage import COVERS, STATES, Row
from nightporter.report.page import environment, policy, style
from nightporter.rules.articles import article

HERE = Path(__file__).parent


def render(covered: Row) -> str:
    """Return the whole page of what `coverage` returned."""
    page = environment(HERE / "templates").get_template("coverage.html.j2")
    return page.render(
        it=covered,
        style=style(),
        policy=policy(),
        states=STATES,
        here=[row for row in covered["detectors"] if row["state"] in COVERS],
        matrices=[_matrix(covered, kind, title) for kind, title in _TITLES.items()],
    )


_TITLES = {
    "tactic": "ATT&CK tactics",
    "technique": "ATT&CK techniques",
    "article": "Insider Threat Matrix",
}


def _matrix(covered: Row, kind: str, title: str) -> dict[str, Any]:
    """The articles of one kind as columns; a row a detector that bears one of them."""
    heads = [row for row in covered["articles"] if row["kind"] == kind]
    rows = []
    for detector in covered["detectors"]:
        borne = {article(tag).id for tag in detector["tags"] if article(tag).kind == kind}
        if borne:
            rows.append({"of": detector, "cells": [head["id"] in borne for head in heads]})
    return {"title": title, "heads": heads, "rows": rows}
