"""The command serve: a Prefect server of its own and the nightly flow on its schedule.

Both run as processes of their own and end with this one; importing Prefect here would cost
seconds. Knows when a night is due, not what it does.
"""

import socket
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from cyclopts import Parameter

from nightporter.cli import console
from nightporter.cli.household import Household
from nightporter.cli.options import CRON, Workspace, first_zone, settings_of
from nightporter.config import Settings
from nightporter.errors import UsageError
from nightporter.rules import load_pack
from nightporter.shipped import shipped

# A server that takes longer to become healthy than this never will.
PATIENCE = 120.0


def serve(
    *,
    workspace: Workspace = None,
    cron: Annotated[str, Parameter(help="when a night is due, as five cron fields")] = CRON,
    zone: Annotated[
        str | None, Parameter(help="whose clock that is; default: the first site's")
    ] = None,
    port: Annotated[int, Parameter(help="of the server, on 127.0.0.1")] = 4200,
) -> None:
    """Scan every night by itself: a local Prefect server, and the flow on its schedule.

    With PREFECT_API_URL set, that server is used and none is started. Ctrl-C ends everything.
    """
    settings = settings_of(workspace)
    due = Due(cron, zone or first_zone(settings))
    first = due.next()
    for error in load_pack(settings).errors:
        console.complain(error)
    with Household(settings.root / "state" / "prefect") as household:
        if url := household.configured_url():
            if not household.answers(url):
                raise UsageError(
                    f"the Prefect server {url} does not answer",
                    hint="start it, or unset PREFECT_API_URL: then a server is started here",
                )
        else:
            url = _start_server(household, port)
        household.start("serve", _flow(settings, due), url)
        console.say(f"next night: {first:%A %Y-%m-%d %H:%M} {due.zone}; then at {cron}")
        console.say(f"log of the nights: {settings.root / 'state' / 'nightly.log'}")
        console.say("Ctrl-C ends")
        household.wait()
    console.say("ended; what was committed stays")


@dataclass(frozen=True)
class Due:
    """When a night is due."""

    cron: str
    zone: str

    def next(self) -> datetime:
        """Return the next moment; raise UsageError where the words name none."""
        try:
            return next(CronSim(self.cron, datetime.now(ZoneInfo(self.zone))))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(
                f"--zone {self.zone}: no such time zone", hint="such as Europe/Berlin"
            ) from None
        except (CronSimError, StopIteration) as error:
            raise UsageError(
                f"--cron {self.cron!r}: {error or 'that never comes'}",
                hint="minute, hour, day, month, weekday; such as '30 5 * * *'",
            ) from None


def _start_server(household: Household, port: int) -> str:
    _check_free(port)
    url = f"http://127.0.0.1:{port}/api"
    console.say("starting a Prefect server (20 seconds)")
    words = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    household.start("server", [sys.executable, *words], url, household.server_log)
    household.wait_for(url, PATIENCE)
    console.say(f"pages: http://127.0.0.1:{port}  (password: {household.password_file})")
    return url


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"port {port} on 127.0.0.1: {error}",
                hint="does another `nightporter serve` run? --port names another port;"
                f" a Prefect server of yours: set PREFECT_API_URL=http://127.0.0.1:{port}/api",
            ) from None


def _flow(settings: Settings, due: Due) -> list[str]:
    script = str(shipped("flows") / "serve.py")
    words = ["--workspace", str(settings.root), "--cron", due.cron, "--zone", due.zone]
    # On SIGTERM Prefect's runner forgets to wait for itself, and says so in three lines.
    return [sys.executable, "-W", "ignore::RuntimeWarning", script, *words]
