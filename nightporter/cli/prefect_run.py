"""A night under Prefect, in a process of its own: importing Prefect here would cost seconds."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from nightporter.shipped import shipped


def run_flow(workspace: Path, options: Mapping[str, str | None], home: Path | None = None) -> int:
    """Run flows/nightly.py over `workspace`; return its exit code.

    `home` is where Prefect keeps its own state; by default where the user's Prefect does.
    """
    words = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    environment = dict(os.environ)
    if home is not None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment["PREFECT_HOME"] = str(home.resolve())
    flow = [sys.executable, str(shipped("flows") / "nightly.py")]
    command = [*flow, "--workspace", str(workspace), *words]
    return subprocess.run(command, env=environment, check=False).returncode
