"""What an object store's refusal means to the person who set it up, without the store's words.

An answer can repeat the key's id or what was signed: only codes known by name are shown.
"""

import os
import re
from urllib.parse import urlsplit

from nightporter.errors import ConfigError, LakeError, NightporterError

_REFUSED = (
    "AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken"
    "|AuthenticationFailed|AuthorizationFailure|401 Unauthorized|403 Forbidden"
)
# The client asks the machine's own metadata service where the environment names nobody.
_NOBODY = (
    r"169\.254\.|/latest/(api/token|meta-data)|computeMetadata|metadata\.google"
    r"|Account must be specified|[Cc]redential.*not (found|loaded|set)"
)
_ABSENT = "NoSuchBucket|ContainerNotFound|The specified bucket does not exist"
_SILENT = (
    "Connection refused|Connection reset|connection closed|dns error|timed out|deadline"
    "|SlowDown|50[0234] [A-Z]\\w+( \\w+)*"
)
_WHERE = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (Azure: AZURE_STORAGE_ACCOUNT_NAME,"
    " AZURE_STORAGE_ACCOUNT_KEY; Google: GOOGLE_APPLICATION_CREDENTIALS) in the environment"
)
_HEALS = "what was committed stays and nothing half done shows; the next run goes on from there"


def refusal(uri: str, error: Exception) -> NightporterError:
    """Return what `error`, raised by the client of the lake at `uri`, asks a person to do."""
    text = str(error)
    if re.search(_NOBODY, text):
        return ConfigError(f"no credentials for the lake {uri}", hint=_WHERE)
    if re.search(_ABSENT, text):
        return ConfigError(
            f"the bucket of the lake {uri} does not exist at {_host()}",
            hint="make it, or correct lake under [workspace]; AWS_ENDPOINT_URL names the store",
        )
    if found := re.search(_REFUSED, text):
        return ConfigError(
            f"the store refuses these credentials for the lake {uri}: {found[0]}",
            hint="check the keys in the environment, and that they may list, read and write there",
        )
    if "concurrent" in text.lower() or type(error).__name__ == "CommitFailedError":
        return LakeError(f"another run wrote the same rows of the lake {uri}", hint=_HEALS)
    why = re.search(_SILENT, text)
    said = why[0] if why else f"{type(error).__name__}, no reason that is known"
    return LakeError(f"the store of the lake {uri} at {_host()} fails: {said}", hint=_HEALS)


def _host() -> str:
    url = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    port = f":{url.port}" if url.port else ""
    return f"{url.hostname}{port}" if url.hostname else "its usual address"
