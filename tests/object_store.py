"""An S3 server in a process of its own, for tests: it counts requests, and can go away.

`python object_store.py` serves; what is stored lives as long as the process.
"""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

ENDPOINT = "AWS_ENDPOINT_URL"
SECRET = "a-secret-that-nobody-may-read"


@dataclass(frozen=True)
class ObjectStore:
    """The running server, as the tests use it."""

    url: str

    def bucket(self, name: str) -> None:
        self._asked(f"/{name}", "PUT")

    def counted(self) -> dict[str, int]:
        """Return and forget how many requests came, by method, and the `bytes` of Parquet sent."""
        return dict(json.loads(self._asked("/~counted")))

    def serve(self, writes: int | None = None) -> None:
        """Answer; after so many `writes` hang up on everybody, until told to serve again."""
        self._asked(f"/~serve?{'' if writes is None else writes}")

    def _asked(self, path: str, method: str = "GET") -> bytes:
        signed = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request"
        }
        asked = urllib.request.Request(self.url + path, method=method, headers=signed)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return bytes(answer.read())


@contextmanager
def running() -> Iterator[ObjectStore]:
    """Start the server on a free port of this machine, and point the environment at it."""
    for part in ("moto", "flask_cors"):
        pytest.importorskip(part, reason=f"{part} is not installed: no S3 server to test on")
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            patch.setenv(ENDPOINT, url)
            patch.setenv("AWS_ACCESS_KEY_ID", "porter")
            patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
            patch.setenv("AWS_REGION", "eu-central-1")
            try:
                yield ObjectStore(url)
            finally:
                server.kill()


class Gate:
    """Stands before the server."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._counts: Counter[str] = Counter()
        self._writes_left = float("inf")

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path.startswith("/~"):
            start("200 OK", [("Content-Type", "application/json")])
            return [self._told(path, environ["QUERY_STRING"])]
        if self._writes_left <= 0:
            return self._hang_up(environ)
        self._writes_left -= method in ("PUT", "POST")
        self._counts[method] += 1
        body = b"".join(self._app(environ, start))
        if method == "GET" and path.endswith(".parquet"):
            self._counts["bytes"] += len(body)
        return [body]

    def _told(self, path: str, query: str) -> bytes:
        if path == "/~serve":
            self._writes_left = float(query or "inf")
            return b"{}"
        counted, self._counts = self._counts, Counter()
        return json.dumps(counted).encode()

    def _hang_up(self, environ: dict[str, Any]) -> Iterable[bytes]:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionError("gone")


def main() -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: Any) -> None: ...

    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=Quiet)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
