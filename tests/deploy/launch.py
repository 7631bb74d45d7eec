"""Run a stack with dummy services until killed: the launcher that the tests kill."""

import asyncio
import sys
from pathlib import Path

from deploy.cli import serve
from deploy.embedded.launcher import Stack
from tests.deploy.dummy import DUMMIES

if __name__ == "__main__":
    services = {one.service for one in DUMMIES}
    stack = Stack(Path(sys.argv[1]), services=services, processes=DUMMIES, migrate=False)
    sys.exit(asyncio.run(serve(stack)))
