"""Outlives a killed launcher just long enough to end what it started.

Its standard input is a pipe that only the launcher holds. One byte means that the launcher stopped
everything itself; the end of the pipe without it means that the launcher is gone. Every process of
a stack carries the stack's token in its environment, which finds grandchildren as well. Standard
library only and run with `-I -S`, so that it costs a few megabytes.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 4.0


def carriers(token: str) -> list[int]:
    """Return the processes that carry the token, this one left out."""
    mark = f"SIKU_STACK={token}".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
                if mark in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue
    return found


def end_all(token: str, grace: float) -> None:
    """Wait for the carriers to follow their own signal, then kill the rest."""
    limit = time.monotonic() + grace
    while carriers(token) and time.monotonic() < limit:
        time.sleep(0.1)
    while left := carriers(token):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


def main() -> None:
    """Watch the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if not os.read(0, 1):
        end_all(sys.argv[1], GRACE_SECONDS)


if __name__ == "__main__":
    main()
