"""One town for all that is asked of it."""

from collections.abc import AsyncIterator

import pytest
from _pytest.terminal import TerminalReporter

from deploy.embedded.launcher import Stack
from tests.matrix.town import Town, town


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say how large the matrix was and what came of it."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "matrix":
                    terminalreporter.write_line(f"the matrix: {value}")


@pytest.fixture(scope="module")
async def settled(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The services with projects of every relation in every state."""
    with pytest.MonkeyPatch.context() as patch:
        async with town(servers, tmp_path_factory.mktemp("town"), patch) as opened:
            yield opened
