"""All detectors of a site: those that shipped and its own, and how it turned their knobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nightporter.config import Settings, fault
from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import Detector
from nightporter.rules.reading import read_detector
from nightporter.rules.sigma import read_sigma
from nightporter.shipped import shipped

# A detector written as a Sigma rule.
SIGMA = ".yml"


@dataclass(frozen=True)
class Pack:
    """The detectors that can run, sorted by id, and one error for each file that cannot."""

    detectors: tuple[Detector, ...]
    errors: tuple[DetectorError, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Return the files of all detectors, and those that are none."""
        broken = [Path(error.path) for error in self.errors if error.path]
        return [*(detector.path for detector in self.detectors), *broken]

    def __getitem__(self, id: str) -> Detector:
        for detector in self.detectors:
            if detector.id == id:
                return detector
        for error in self.errors:
            if error.path and Path(error.path).stem == id:
                raise error
        hint = did_you_mean(id, (detector.id for detector in self.detectors))
        raise DetectorError(f"no detector is called {id!r}", hint=hint)


def load_pack(settings: Settings) -> Pack:
    """Read every detector file; raise ConfigError only for what nightporter.toml says wrongly."""
    pack = read_pack([shipped("detectors"), *_own_folders(settings)])
    _check_knobs(settings, pack)
    return pack


def read_pack(folders: Iterable[Path]) -> Pack:
    """Read every *.sql and *.yml file below `folders`; the first file of two with one id stays."""
    detectors: dict[str, Detector] = {}
    errors: list[DetectorError] = []
    for path in _files(folders):
        try:
            detector = read_rule(path)
            if detector.id in detectors:
                other = detectors[detector.id].path
                hint = f"it is also {other}; an id is the name of one file"
                raise DetectorError(f"a second detector {detector.id}", path=path, hint=hint)
            detectors[detector.id] = detector
        except DetectorError as error:
            errors.append(error)
    return Pack(tuple(detectors[id] for id in sorted(detectors)), tuple(errors))


def read_rule(path: Path) -> Detector:
    """Return the detector in `path`, SQL or a Sigma rule; raise DetectorError at a fault."""
    return read_sigma(path) if path.suffix == SIGMA else read_detector(path)


def _own_folders(settings: Settings) -> list[Path]:
    folders = [settings.root / path for path in settings.packs.paths]
    for folder in folders:
        if not folder.is_dir():
            raise fault(settings, f"there is no folder {folder}", "packs", "paths")
    return folders


def _files(folders: Iterable[Path]) -> list[Path]:
    files: dict[Path, Path] = {}
    for folder in folders:
        for path in sorted([*folder.rglob("*.sql"), *folder.rglob(f"*{SIGMA}")]):
            files.setdefault(path.resolve(), path)
    return list(files.values())


def _check_knobs(settings: Settings, pack: Pack) -> None:
    known = {detector.id: detector.knobs for detector in pack.detectors}
    broken = {Path(error.path).stem for error in pack.errors if error.path}
    for id, knobs in settings.knobs.items():
        if id not in known and id not in broken:
            hint = did_you_mean(id, known)
            raise fault(settings, f"no detector is called {id!r}", "knobs", id, hint=hint)
        for name in knobs:
            if id in known and name not in known[id]:
                hint = did_you_mean(name, known[id])
                message = f"{id} has no knob {name!r}"
                raise fault(settings, message, "knobs", id, name, hint=hint)
