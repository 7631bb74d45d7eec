"""One supervised process: started, watched, started again when it dies, stopped in order.

Output goes straight to a file, never through the launcher: a launcher that is busy or dead cannot
make a service block on a full pipe. The kernel signals every child when the launcher dies
(PR_SET_PDEATHSIG); `guard` looks after whatever that does not reach.
"""

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from deploy.embedded.following import tail

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 10.0
HOPELESS_STARTS = 3
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class NotReady(Exception):
    """A process did not become ready in time."""


@dataclass(frozen=True)
class Recipe:
    """How to run one program."""

    name: str
    port: int
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0
    user: str | None = None
    after_stop: Callable[[], None] = field(default=lambda: None)


def die_with(parent: int, number: int) -> None:
    """Ask the kernel to signal this new process when its parent dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the request was made
        os.kill(os.getpid(), signal.SIGKILL)


async def spawn(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    *,
    user: str | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start a program in a session of its own with its output appended to a file."""
    account = pwd.getpwnam(user) if user is not None else None
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            # Another account may not be let into the folder that we stand in.
            cwd="/" if account else None,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid(), death_signal),
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


async def run_to_end(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    *,
    user: str | None = None,
) -> int:
    """Run a program that ends by itself and return its code; a cancelled wait ends it."""
    running = await spawn(arguments, environment, log, user=user)
    try:
        return await running.wait()
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)


class Child:
    """Keeps one program running until told to stop."""

    def __init__(self, recipe: Recipe, tell: Callable[[str], None], changed: Callable[[], None]):
        """Bind a recipe to who is told about it."""
        self.recipe = recipe
        self.state = "stopped"
        self.restarts = 0
        self._tell = tell
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._became_ready = asyncio.Event()
        self._was_ready = False

    @property
    def pid(self) -> int | None:
        """Return the process id, None while there is no process."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Start the program and keep it running."""
        self._watch = asyncio.create_task(self._keep_running(), name=self.recipe.name)

    async def wait_ready(self, seconds: float) -> None:
        """Wait until the program answers.

        Raises:
            NotReady: it did not in time, or never will; the message carries the end of its log.
        """
        limit = time.monotonic() + seconds
        while not self._became_ready.is_set():
            if time.monotonic() > limit or self._hopeless:
                raise NotReady(f"{self.recipe.name}\n{tail(self.recipe.log)}")
            await asyncio.sleep(0.02)

    @property
    def _hopeless(self) -> bool:
        """Ended again and again without ever having been ready: waiting longer is no use."""
        return not self._was_ready and self.restarts >= HOPELESS_STARTS

    def _enter(self, state: str) -> None:
        self.state = state
        if state == "ready":
            self._became_ready.set()
            self._was_ready = True
        else:
            self._became_ready.clear()
        self._changed()

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            recipe = self.recipe
            self._process = await spawn(
                recipe.arguments,
                recipe.environment,
                recipe.log,
                user=recipe.user,
                death_signal=recipe.stop_signal,
            )
            self._enter("starting")
            ready = asyncio.create_task(self._await_readiness())
            code = await self._process.wait()
            ready.cancel()
            self._enter("waiting")
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._tell(f"{recipe.name} {_how(code)}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self.restarts += 1

    async def _await_readiness(self) -> None:
        while not await self.recipe.ready():
            await asyncio.sleep(0.05)
        self._enter("ready")

    async def stop(self) -> None:
        """Ask the program to end, and after the grace end it with all of its group."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            self._enter("stopping")
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.recipe.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.recipe.grace)
            except TimeoutError:
                self._tell(f"{self.recipe.name} did not stop in {self.recipe.grace:g} s; killed")
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            self.recipe.after_stop()
        self._enter("stopped")


def _how(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
