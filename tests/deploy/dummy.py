"""A process that only answers /readyz; stands for a service where the launcher is tested."""

import os
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from subprocess import Popen

from deploy.stack import Process


@dataclass(frozen=True)
class Dummy(Process):
    """A row of the table that starts this module instead of a service."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("-m", "tests.deploy.dummy")


@dataclass(frozen=True)
class Broken(Process):
    """A row of the table whose process ends at once."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("-c", "import sys; sys.exit('no such office')")


DUMMIES = (Dummy("identity", "web", 8002), Dummy("console", "web", 8000))


class Answer(BaseHTTPRequestHandler):
    """Says that it is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def main() -> None:
    """Answer, with a grandchild that no signal to the child reaches."""
    with Popen(["sleep", "1000"], start_new_session=True):
        HTTPServer(("127.0.0.1", int(os.environ["SIKU_PORT"])), Answer).serve_forever()


if __name__ == "__main__":
    main()
