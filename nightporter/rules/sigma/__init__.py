"""Sigma rules as detectors: a `.yml` file becomes the text of a detector, and is read as one.

pySigma is an extra, imported where the first such file is read.
"""

from pathlib import Path

from nightporter.errors import DetectorError
from nightporter.rules.detector import Detector


def read_sigma(path: Path) -> Detector:
    """Return the detector in the Sigma rule `path`; raise DetectorError at its first fault."""
    try:
        # pySigma takes a second, which who has no such rule need not wait.
        from nightporter.rules.sigma.compiling import compiled
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sigma":
            raise
        hint = "pip install 'nightporter[sigma]'"
        raise DetectorError("a Sigma rule needs pySigma", path=path, hint=hint) from None
    return compiled(path)
