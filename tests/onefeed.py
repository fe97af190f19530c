"""A workspace with one feed, and what is typed there."""

from pathlib import Path
from typing import NamedTuple

import pytest

from nightporter.cli.app import main

TOML = """\
[site.MAIN]
zone = "Europe/Berlin"

[[feed]]
name = "fs"
source = "access"
paths = ["logs/fs.csv"]
format = "csv"
site = "MAIN"
  [feed.fields]
  ts = "time"
  account = "user"
  action = "op"
  resource = "path"
  [feed.values.action]
  get = "download"
"""
LOG = "time,user,op,path\n2026-03-02 10:00:00,ana,get,/a\n2026-03-02 10:01:00,ana,get,/b\n"
NIGHT = ("nightly", "--as-of", "2026-03-04T12:00")


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Site:
    """A workspace with one feed, and the console script."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys
        (root / "logs").mkdir()
        (root / "logs" / "fs.csv").write_text(LOG)
        self.toml = TOML

    def type(self, *words: str) -> Ran:
        (self.root / "nightporter.toml").write_text(self.toml)
        with pytest.raises(SystemExit) as ended:
            main([*words, "--workspace", str(self.root)])
        said = self._capsys.readouterr()
        code = ended.value.code
        return Ran(int(code or 0), said.out, said.err.replace(str(self.root.resolve()), "SITE"))
