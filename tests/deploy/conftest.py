"""One stack with dummy services for all tests of the launcher."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.launcher import Stack
from tests.deploy.dummy import DUMMIES


class Heard(list[str]):
    """What the launcher told."""


@pytest.fixture(scope="session")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="session")
async def dummies(heard: Heard) -> AsyncIterator[Stack]:
    services = {one.service for one in DUMMIES}
    async with Stack(
        services=services, processes=DUMMIES, migrate=False, tell=heard.append
    ) as stack:
        yield stack
