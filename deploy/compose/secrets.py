"""Print the passwords that `docker-compose.yml` asks for.

`python -m deploy.compose.secrets > .env`, once.
"""

import secrets
import sys

NAMES = (
    "SIKU_ADMIN_PASSWORD",
    "SIKU_METRICS_TOKEN",
    "SIKU_CLIENT_SECRET",
    "SIKU_KAFKA_ADMIN_PASSWORD",
    "SIKU_KAFKA_CONTROLLER_PASSWORD",
    "SIKU_KAFKA_IDENTITY_PASSWORD",
    "SIKU_KAFKA_APPROVAL_TRACKING_PASSWORD",
    "SIKU_KAFKA_INTAKE_PASSWORD",
    "SIKU_KAFKA_CONSOLE_PASSWORD",
    "SIKU_KAFKA_VERIFY_PASSWORD",
    "SIKU_DATABASE_IDENTITY_PASSWORD",
    "SIKU_DATABASE_APPROVAL_TRACKING_PASSWORD",
    "SIKU_DATABASE_INTAKE_PASSWORD",
    "SIKU_DATABASE_CONSOLE_PASSWORD",
)


def lines() -> list[str]:
    """Return one fresh password per name; hexadecimal, so that no quoting is ever needed."""
    return [f"{name}={secrets.token_hex(24)}" for name in NAMES]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
