"""The command notify: a test message, so that a route is known to work before a night needs it."""

from typing import Annotated

from cyclopts import Parameter

from nightporter import notify as notifying
from nightporter.cli import console
from nightporter.cli.options import Json, Workspace, settings_of
from nightporter.errors import UsageError, did_you_mean


def notify(
    route: Annotated[str | None, Parameter(help="one route; default: all")] = None,
    *,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Send a test message to the routes of [notify]; end with 5 if one was not taken."""
    settings = settings_of(workspace)
    routes = {each.name: each for each in settings.notify.route}
    if not routes:
        hint = "docs/notify.md shows one"
        raise UsageError("there is no [[notify.route]]", path=settings.path, hint=hint)
    if route is not None and route not in routes:
        raise UsageError(f"no route is called {route!r}", hint=did_you_mean(route, routes))
    wanted = list(routes.values()) if route is None else [routes[route]]
    errors = {each.name: notifying.tried(settings, each) for each in wanted}
    rows = [{"route": name, "taken": error is None} for name, error in errors.items()]
    if json:
        console.out_json(rows)
    for row in [] if json else rows:
        console.out(f"{row['route']:<30} {'taken' if row['taken'] else 'NOT TAKEN'}")
    for error in filter(None, errors.values()):
        console.complain(error)
    console.end(console.ExitCode.INCOMPLETE if any(errors.values()) else console.ExitCode.RAN)
