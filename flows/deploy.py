"""Deploys the nightly flow to the configured Prefect server: work pool, deployment, watch.

prefect.yaml says what; what it leaves open comes from the environment, else from here. Run it
again after every change: it brings up to date and adds nothing twice.
"""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")

from dead_run import watch
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.workers.process import ProcessWorker

from nightporter import config
from nightporter.cli import console
from nightporter.cli.options import CRON, first_zone
from nightporter.errors import UsageError

HOME = Path(__file__).resolve().parent.parent


def deploy() -> None:
    """Deploy prefect.yaml with its open values filled in."""
    given = _filled_in(os.environ.get("NIGHTPORTER_WORKSPACE") or str(Path.cwd()))
    if not PREFECT_API_URL.value():
        raise UsageError("no Prefect server is configured", hint="set PREFECT_API_URL")
    with get_client(sync_client=True) as client:
        _make_pool(client, given["NIGHTPORTER_POOL"])
        watch(client)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    ran = subprocess.run(command, cwd=HOME, env={**os.environ, **given}, check=False)
    if ran.returncode:
        console.end(ran.returncode)
    console.say(
        f"nightly/nightly runs at {given['NIGHTPORTER_CRON']} ({given['NIGHTPORTER_ZONE']})"
    )


def _filled_in(workspace: str) -> dict[str, str]:
    """Return every variable of prefect.yaml; an empty one counts as not given."""
    settings = config.load(Path(workspace))  # a typo is said before anything is deployed
    defaults = {
        "NIGHTPORTER_HOME": str(HOME),
        "NIGHTPORTER_WORKSPACE": str(settings.root),
        "NIGHTPORTER_CRON": CRON,
        "NIGHTPORTER_ZONE": first_zone(settings),
        "NIGHTPORTER_POOL": "nightporter",
        "NIGHTPORTER_AS_OF": "",
    }
    return {name: os.environ.get(name) or value for name, value in defaults.items()}


def _make_pool(client: SyncPrefectClient, name: str) -> None:
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(
            WorkPoolCreate(name=name, type="process", base_job_template=template)
        )


if __name__ == "__main__":
    console.guarded(deploy, debug=False)
