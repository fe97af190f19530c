"""The beat after a night, for a service outside that tells when one stays away.

A machine that is off cannot say so: silence is what the service listens for.
"""

import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit

from nightporter.config import Settings
from nightporter.errors import NotificationError
from nightporter.notify.addresses import address

SECONDS = 10
_SCHEMES = ("http", "https")


def beat(settings: Settings, *, failed: bool = False) -> list[NotificationError]:
    """Call the heartbeat's address, or the one below it that means failure; return what failed.

    Nothing is called where no heartbeat is configured.
    """
    if (told := settings.notify.heartbeat) is None:
        return []
    try:
        _call(_failure(address(settings, told)) if failed else address(settings, told))
    except NotificationError as error:
        return [error]
    return []


def _failure(url: str) -> str:
    """Return the address that tells healthchecks and its like that a job failed."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _call(url: str) -> None:
    try:
        if urlsplit(url).scheme not in _SCHEMES:
            raise NotificationError("the heartbeat's address is none of http or https")
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310, the scheme was looked at
            return
    except urllib.error.HTTPError as error:
        said = f"answered {error.code}"
        error.close()
    # A wrong address is a ValueError, and would show itself.
    except (OSError, HTTPException, ValueError) as error:
        said = f"did not answer: {type(error).__name__}"
    raise NotificationError(
        f"the heartbeat {said}", hint="its service will take this night for one that did not run"
    )
