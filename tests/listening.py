"""A mail server and a web server of this machine that keep what they are told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server; `refuses` answers every message with 554."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[Message] = []
        self.refuses = False

    @property
    def url(self) -> str:
        port = self.server_address[1]
        return f"mailto://127.0.0.1:{port}?from=porter@example.org&to=soc@example.org"

    def texts(self) -> list[str]:
        """Subject and text of each mail."""
        return [f"{mail['subject']}\n{_text(mail)}" for mail in self.mails]


def _text(mail: Message) -> str:
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    return "\n".join(part.decode() for part in parts if isinstance(part, bytes))


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say(220)
        while line := self.rfile.readline().strip().upper():
            if line.startswith(b"DATA"):
                self._say(354)
                self._take()
            else:
                self._say(221 if line == b"QUIT" else 250)

    def _take(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        mail = b"".join(line.removeprefix(b".") for line in lines)
        if self.server.refuses:
            return self._say(554)
        self.server.mails.append(message_from_bytes(mail))
        return self._say(250)

    def _say(self, code: int) -> None:
        self.wfile.write(f"{code} so\r\n".encode())


class Web(ThreadingHTTPServer):
    """A web server that keeps (method, path, body) of each request; `code` is its answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str, bytes]] = []
        self.code = 200

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


class _Answer(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path, body))
        self.send_response(self.server.code)
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def listening(server: Any) -> Iterator[Any]:
    """Let `server` answer while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
