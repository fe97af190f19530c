"""Serves the nightly flow on a schedule until told to end; `nightporter serve` starts it.

Knows the configured Prefect server, and starts none.
"""

import argparse
import os

os.environ.setdefault("DO_NOT_TRACK", "1")

from dead_run import watch
from nightly import nightly_flow
from prefect.client.orchestration import get_client
from prefect.schedules import Cron

from nightporter.workspace import owner_only


def main() -> None:
    """Deploy the flow, and run it whenever it is due."""
    parser = argparse.ArgumentParser(description="Serve the nightly flow on a schedule.")
    parser.add_argument("--workspace", required=True, help="the folder with nightporter.toml")
    parser.add_argument("--cron", required=True, help="when a night is due")
    parser.add_argument("--zone", required=True, help="whose clock that is")
    given = parser.parse_args()
    owner_only()
    with get_client(sync_client=True) as client:
        watch(client)
    nightly_flow.serve(
        name="nightly",
        schedule=Cron(given.cron, timezone=given.zone),
        parameters={"workspace": given.workspace},
        tags=["nightporter"],
        description="Scans every day that has ended and was not judged yet.",
        limit=1,  # of this process; a slot on the server would outlive a power cut by minutes
        print_starting_message=False,
    )


if __name__ == "__main__":
    main()
