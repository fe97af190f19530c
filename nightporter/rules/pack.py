"""All detectors of a site: those that shipped and its own, and how it turned their knobs.

Which of them it has switched off, too: they are read and shown, and never run.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nightporter.config import FILE_NAME, Settings, fault
from nightporter.errors import DetectorError, did_you_mean
from nightporter.rules.detector import Detector
from nightporter.rules.reading import read_detector
from nightporter.rules.sigma import read_sigma
from nightporter.shipped import shipped

# A detector written as a Sigma rule.
SIGMA = ".yml"
# What is said of a detector that the site does not want, wherever detectors are listed.
SWITCHED_OFF = f"off ({FILE_NAME})"


@dataclass(frozen=True)
class Pack:
    """The detectors that run, sorted by id, and one error for each file that cannot.

    `off` are those that could run, and that the site has switched off.
    """

    detectors: tuple[Detector, ...]
    errors: tuple[DetectorError, ...] = ()
    off: tuple[Detector, ...] = ()

    @property
    def known(self) -> tuple[Detector, ...]:
        """Return the detectors that run and those that are off, sorted by id."""
        return tuple(sorted((*self.detectors, *self.off), key=lambda each: each.id))

    @property
    def files(self) -> list[Path]:
        """Return the files of all detectors, and those that are none."""
        broken = [Path(error.path) for error in self.errors if error.path]
        return [*(detector.path for detector in self.known), *broken]

    @property
    def broken(self) -> set[str]:
        """Return the ids that the files have which are no detectors."""
        return {Path(error.path).stem for error in self.errors if error.path}

    def switch(self, detector: Detector) -> str:
        """Return "on", or who switched `detector` off."""
        return "on" if detector in self.detectors else SWITCHED_OFF

    def __getitem__(self, id: str) -> Detector:
        for detector in self.known:
            if detector.id == id:
                return detector
        for error in self.errors:
            if error.path and Path(error.path).stem == id:
                raise error
        hint = did_you_mean(id, (detector.id for detector in self.known))
        raise DetectorError(f"no detector is called {id!r}", hint=hint)


def load_pack(settings: Settings) -> Pack:
    """Read every detector file; raise ConfigError only for what nightporter.toml says wrongly."""
    pack = read_pack([shipped("detectors"), *_own_folders(settings)])
    _check_knobs(settings, pack)
    _check_off(settings, pack)
    return without(pack, settings.packs.off)


def without(pack: Pack, off: Collection[str]) -> Pack:
    """Return `pack` with the detectors of the ids `off` switched off."""
    on = tuple(detector for detector in pack.detectors if detector.id not in off)
    return replace(pack, detectors=on, off=tuple(d for d in pack.known if d.id in off))


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
    try:
        return read_sigma(path) if path.suffix == SIGMA else read_detector(path)
    except DetectorError:
        raise
    except Exception as error:  # what nobody thought of must not keep the others from their night
        message = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise DetectorError(message, path=path) from error


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
    known = {detector.id: detector.knobs for detector in pack.known}
    for id, knobs in settings.knobs.items():
        if id not in known and id not in pack.broken:
            hint = did_you_mean(id, known)
            raise fault(settings, f"no detector is called {id!r}", "knobs", id, hint=hint)
        for name, value in knobs.items() if id in known else ():
            if name not in known[id]:
                hint = did_you_mean(name, known[id])
                message = f"{id} has no knob {name!r}"
                raise fault(settings, message, "knobs", id, name, hint=hint)
            if value < 0 <= known[id][name]:
                message = f"{name} of {id} is no number below 0"
                raise fault(settings, message, "knobs", id, name)


def _check_off(settings: Settings, pack: Pack) -> None:
    known = {detector.id for detector in pack.known}
    for id in settings.packs.off:
        if id not in known | pack.broken:
            hint = did_you_mean(id, known)
            raise fault(settings, f"no detector is called {id!r}", "packs", "off", hint=hint)
