"""The command that lists, shows and proves presets."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.options import Json, Workspace
from nightporter.config import FILE_NAME, Preset, preset_files, read_preset
from nightporter.errors import ConfigError, UsageError, did_you_mean
from nightporter.sources.examples import differences


def presets(
    name: Annotated[str | None, Parameter(help="print the file of one")] = None,
    *,
    test: Annotated[bool, Parameter(negative="", help="read the examples of each")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List the presets that a feed can name, or print one, or prove them by their examples."""
    root = _root(workspace)
    files = preset_files(root)
    if name is not None and name not in files:
        raise UsageError(f"no preset is called {name!r}", hint=did_you_mean(name, files))
    chosen = files if name is None else {name: files[name]}
    if test:
        console.end(_prove(root or Path.cwd(), chosen))
    elif name is not None:
        console.out(files[name].read_text("utf-8").rstrip())
    else:
        _list(files, json=json)


def _root(workspace: Path | None) -> Path | None:
    """Return the workspace, if there is one: the shipped presets need none."""
    if workspace is not None:
        return workspace
    here = Path.cwd().resolve()
    return next((f for f in (here, *here.parents) if (f / FILE_NAME).is_file()), None)


def _list(files: dict[str, Path], *, json: bool) -> None:
    read = {name: read_preset(path) for name, path in sorted(files.items())}
    if json:
        console.out_json([_row(name, preset) for name, preset in read.items()])
        return
    width = max(map(len, read), default=0)
    for name, preset in read.items():
        doubt = "  (unverified)" if preset.unverified else ""
        console.out(f"{name:<{width}}  {preset.source:<6}  {preset.title}{doubt}")


def _row(name: str, preset: Preset) -> dict[str, object]:
    return {
        "preset": name, "source": preset.source, "format": preset.format, "title": preset.title,
        "layout": preset.layout, "unverified": preset.unverified, "examples": len(preset.example),
    }  # fmt: skip


def _prove(root: Path, files: dict[str, Path]) -> int:
    failed = 0
    for name, path in sorted(files.items()):
        preset = read_preset(path)
        said = differences(root, path, preset, path.parent)
        failed += bool(said)
        console.out(f"{'FAILED' if said else 'ok':<7} {name}  {_examples(preset)}")
        for each in said:
            console.complain(ConfigError(each, path=path))
    return console.ExitCode.USAGE if failed else console.ExitCode.RAN


def _examples(preset: Preset) -> str:
    return f"{len(preset.example)} example{'s' if len(preset.example) != 1 else ''}"
