"""The watch over dead runs: creates the automation of dead_run.yaml, or brings it up to date.

Knows the file beside it and the configured Prefect server.
"""

import os
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.schemas.automations import AutomationCore

FILE = Path(__file__).with_name("dead_run.yaml")


def watch(client: SyncPrefectClient) -> None:
    """Have the server mark dead runs as crashed; done twice, there is still one automation."""
    wanted = AutomationCore.model_validate(_described())
    there = client.read_automations_by_name(wanted.name)
    if not there:
        client.create_automation(wanted)
    for known in there[:1]:
        client.update_automation(known.id, wanted)
    for spare in there[1:]:
        client.delete_automation(spare.id)


def _described() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    if seconds := os.environ.get("NIGHTPORTER_DEAD_AFTER"):
        described["trigger"]["within"] = int(seconds)
    return described
