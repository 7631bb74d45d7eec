"""The job that runs before the services where PostgreSQL and Kafka are somebody else's to start.

It makes roles, databases, principals, rights and topics, migrates every database and opens the
home; running it again changes nothing. `deploy.databases` and `deploy.kafka_rights` say which
variables they read; SIKU_REAL=1 opens a home on real time.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from deploy import databases, kafka_rights
from deploy.stack import SERVICES, database_of, role_of
from shared.clock import open_home


def main() -> int:
    """Prepare everything, or fail with the first step that did."""
    asyncio.run(databases.main())
    kafka_rights.main()
    address = urlsplit(os.environ["SIKU_ADMIN_DATABASE_URL"])
    for service in SERVICES:
        database = address._replace(path=f"/{database_of(service)}").geturl()
        known = {"SIKU_ADMIN_DATABASE_URL": database, "SIKU_DATABASE_ROLE": role_of(service)}
        migrating = [sys.executable, "-m", "shared.migrating", service]
        subprocess.run(migrating, env=os.environ | known, check=True)
    open_home(Path(os.environ["SIKU_HOME"]), real=os.environ.get("SIKU_REAL") == "1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
