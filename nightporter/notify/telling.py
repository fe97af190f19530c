"""Who is told of a night, and when: each route once, and again only of what is new.

Knows routes and digests; how a message travels is apprise's business.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import date

from nightporter.config import Route, Settings
from nightporter.errors import NightporterError, NotificationError
from nightporter.findings import LEVELS
from nightporter.lake import Lake
from nightporter.morning import morning
from nightporter.notify.addresses import address, service
from nightporter.notify.digest import Digest, digest, newest_change, news
from nightporter.notify.record import Told, read_record, write_record


def tell(
    settings: Settings, lake: Lake, night: date, problems: Sequence[NightporterError]
) -> list[NotificationError]:
    """Tell every route of the night after the day `night` what it does not know yet.

    Returns what could not be told: it is not noted, so the next run tries again.
    """
    if not settings.notify.route:
        return []
    try:
        return list(_told(settings, lake, night, len(problems)))
    except NotificationError as error:
        return [error]


def _told(
    settings: Settings, lake: Lake, night: date, problems: int
) -> Iterator[NotificationError]:
    known, said = read_record(settings), morning(settings, lake)
    mark = newest_change(lake)
    for route in settings.notify.route:
        before = known.get(route.name)
        new = news(lake, before)
        if not _concerns(route, new, before is None or before.night < night, problems):
            continue
        try:
            _send(settings, route, digest(settings, night, said, new, problems))
        except NotificationError as error:
            yield error
            continue
        last = max(night, before.night) if before else night
        known[route.name] = Told(last, mark or (before.mark if before else None))
        write_record(settings, known)


def _concerns(route: Route, new: dict[str, int], first: bool, problems: int) -> bool:
    """A night is told once; what a later run of it finds is told, too.

    A night in which something failed concerns everybody: it may hide what a route waits for.
    """
    grave = set(LEVELS[LEVELS.index(route.level) :]) if route.level else set(LEVELS)
    return bool(grave & set(new)) or (first and (route.level is None or problems > 0))


def tried(settings: Settings, route: Route) -> NotificationError | None:
    """Send a test message to `route`; return what went wrong."""
    body = "This is a test. A digest has counts by level, what could not be judged, and a link."
    message = Digest(f"{settings.notify.title}: test of route {route.name}", body, False, False)
    try:
        _send(settings, route, message)
    except NotificationError as error:
        return error
    return None


def _send(settings: Settings, route: Route, message: Digest) -> None:
    """Hand a message to the route's service; raise NotificationError if it was not taken."""
    # It costs a third of a second, and most commands send nothing.
    import apprise

    url = address(settings, route.url)
    # It would show addresses of people, and parts of the secret one.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    messenger = apprise.Apprise()
    # Of two addresses one could take a message that the other refused: it would get it again.
    if not messenger.add(url) or len(messenger) != 1:
        raise NotificationError(
            f"route {route.name}: its address is not one that apprise knows ({service(url)})",
            hint="docs/notify.md has one for each service",
        )
    kind = apprise.NotifyType.INFO
    if message.grave or message.failed:
        kind = apprise.NotifyType.FAILURE if message.failed else apprise.NotifyType.WARNING
    text = apprise.NotifyFormat.TEXT
    if not messenger.notify(message.body, message.title, notify_type=kind, body_format=text):
        raise NotificationError(
            f"route {route.name}: its service ({service(url)}) did not take the message",
            hint=f"`nightporter notify {route.name}` tries it now; the next night does, too",
        )
