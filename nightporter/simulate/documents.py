"""The institute's documents: where each lies, how it is labelled, how large it is."""

from dataclasses import dataclass

import polars as pl

from nightporter.simulate.chance import Chance

# project: area, documents, share under /restricted, documents under /sealed
PROJECTS: dict[str, tuple[str, int, float, int]] = {
    "runbooks": ("it", 170, 0.0, 0),
    "configs": ("it", 150, 0.3, 0),
    "systemlogs": ("it", 160, 0.0, 0),
    "house": ("common", 90, 0.0, 0),
    "handbook": ("common", 120, 0.0, 0),
    "templates": ("common", 90, 0.0, 0),
    "budget": ("finance", 300, 0.25, 0),
    "procurement": ("finance", 220, 0.2, 0),
    "board": ("directorate", 140, 0.5, 12),
    "personnel": ("directorate", 200, 1.0, 0),
    "firn-cores": ("projects", 360, 0.2, 0),
    "isotope-atlas": ("projects", 300, 0.15, 0),
    "polar-drill": ("projects", 280, 0.3, 0),
    "antifrost": ("projects", 400, 0.35, 18),
    "cold-alloys": ("projects", 360, 0.35, 0),
    "sensor-skin": ("projects", 280, 0.3, 0),
    "model-runs": ("projects", 280, 0.05, 0),
    "digital-archive": ("projects", 260, 0.4, 0),
    "field-notes": ("projects", 200, 0.05, 0),
    "weather": ("projects", 160, 0.0, 0),
}
_NUMBER = {project: number for number, project in enumerate(PROJECTS)}
_WORDS = ("report", "protocol", "minutes", "table", "drawing", "plan", "draft", "contract")
_ENDINGS = ("docx", "pdf", "docx", "xlsx", "dwg", "pptx", "docx", "pdf")


@dataclass(frozen=True)
class Document:
    """One file of the share."""

    doc: str
    path: str
    project: str
    label: str
    size: int


def catalogue(chance: Chance) -> pl.DataFrame:
    """Return (number, doc, path, project, label, size), in the order of a folder listing."""
    parts = [_project(name, *PROJECTS[name]) for name in PROJECTS]
    frame = pl.concat(parts).with_row_index("number").with_columns(pl.col("number").cast(pl.Int64))
    word = chance.below(len(_WORDS), "document word", "number")
    size = (chance.normal("document size", "number") * 1.3).exp() * 180_000
    return frame.select(
        "number",
        doc=pl.format("D{}", (pl.col("number") + 10_001)),
        path=pl.format(
            "/{}/{}{}/{}-{}.{}", "area", "project", "folder",
            word.replace_strict(dict(enumerate(_WORDS)), return_dtype=pl.String),
            pl.col("place").cast(pl.String).str.zfill(4),
            word.replace_strict(dict(enumerate(_ENDINGS)), return_dtype=pl.String),
        ),
        project="project",
        label="label",
        size=size.cast(pl.Int64) + 900,
    )  # fmt: skip


def _project(name: str, area: str, many: int, restricted: float, sealed: int) -> pl.DataFrame:
    place = pl.int_range(many, dtype=pl.Int64)
    is_sealed, is_restricted = place < sealed, place < sealed + round(many * restricted)
    open_label = "public" if area == "common" else "internal"
    return pl.select(
        place=place,
        area=pl.lit(area),
        project=pl.lit(name),
        folder=pl.when(is_sealed)
        .then(pl.lit("/sealed"))
        .when(is_restricted)
        .then(pl.lit("/restricted"))
        .otherwise(pl.lit("")),
        label=pl.when(is_sealed)
        .then(pl.lit("classified"))
        .when(is_restricted)
        .then(pl.lit("confidential"))
        .otherwise(pl.lit(open_label)),
    )


def label_prefixes() -> list[dict[str, str]]:
    """Return the rows of labels.csv; the longest prefix that fits a path is meant."""
    rows: list[dict[str, str]] = []
    for project, (area, _, restricted, sealed) in PROJECTS.items():
        prefix = f"/{area}/{project}/"
        label = "public" if area == "common" else "internal"
        rows.append({"prefix": prefix, "label": label, "project": project})
        if restricted:
            row = {"prefix": f"{prefix}restricted/", "label": "confidential", "project": project}
            rows.append(row)
        if sealed:
            rows.append({"prefix": f"{prefix}sealed/", "label": "classified", "project": project})
    return rows


def project_number(column: pl.Expr) -> pl.Expr:
    """Return each project's number, as used by `project_ranges`."""
    return column.replace_strict(_NUMBER, return_dtype=pl.Int64)


def project_ranges() -> pl.DataFrame:
    """Return (project_number, offset, many): which document numbers are whose."""
    many = pl.Series([row[1] for row in PROJECTS.values()], dtype=pl.Int64)
    return pl.DataFrame(
        {"project_number": list(_NUMBER.values()), "offset": many.cum_sum() - many, "many": many},
        schema_overrides={"project_number": pl.Int64},
    )


def documents(frame: pl.DataFrame) -> list[Document]:
    """Return the catalogue as objects, for acts that are told one by one."""
    columns = frame.select("doc", "path", "project", "label", "size")
    return [Document(*row) for row in columns.iter_rows()]
