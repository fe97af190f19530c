"""Where the files are that ship beside the code: detectors, sample logs, flows."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the folder `name`: beside the package in a checkout, inside it in a wheel."""
    for folder in (PACKAGE.parent / name, PACKAGE / "shipped" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{name}/ did not ship with nightporter: install it again")
