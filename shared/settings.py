"""What a process is told by its environment (prefix ``SIKU_``)."""

import ssl
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses, credentials, limits and the home of one process.

    ``reads_a_minute`` and ``writes_a_minute`` bound what one account may ask of one route (0: not
    at all); ``metrics_token`` lets a collector on another machine read the metrics; ``only_tls``
    says that people reach this process through TLS alone; ``trusted_proxies`` are those whose word
    about a visitor's address is believed; ``authority`` is the certificate by which Kafka is known
    where it is reached by TLS.
    """

    model_config = SettingsConfigDict(env_prefix="SIKU_", extra="ignore")

    home: Path
    host: str = "127.0.0.1"
    port: int = 0
    instance: str = "1"
    database_url: SecretStr = SecretStr("")
    kafka: str = "127.0.0.1:29092"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    authority: Path | None = None
    identity_url: str = "http://127.0.0.1:8002"
    intake_url: str = "http://127.0.0.1:8001"
    approval_tracking_url: str = "http://127.0.0.1:8003"
    console_url: str = "http://127.0.0.1:8000"
    reads_a_minute: int = 1200
    writes_a_minute: int = 600
    metrics_token: SecretStr = SecretStr("")
    only_tls: bool = False
    trusted_proxies: str = "127.0.0.1"

    def client(self) -> dict[str, Any]:
        """Give aiokafka's arguments for reaching the broker as this process's principal."""
        reach: dict[str, Any] = {"bootstrap_servers": self.kafka}
        if self.authority:
            reach["ssl_context"] = ssl.create_default_context(cafile=str(self.authority))
        if self.kafka_user:
            reach |= {
                "security_protocol": "SASL_SSL" if self.authority else "SASL_PLAINTEXT",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.kafka_user,
                "sasl_plain_password": self.kafka_password.get_secret_value(),
            }
        return reach
