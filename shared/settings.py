"""What a process is told by its environment (prefix ``SIKU_``)."""

import ssl
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Client(BaseModel):
    """A relying party that the issuer of a home knows.

    Its own access token is for ``audience``; ``exchanges`` are those that it may have instead.
    Where it may send a browser back to is matched letter by letter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    secret: SecretStr
    audience: str
    redirect_uris: tuple[str, ...]
    signed_out_uris: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()


class Settings(BaseSettings):
    """Addresses, credentials, limits and the home of one process.

    ``reads_a_minute`` and ``writes_a_minute`` bound what one account may ask of one route (0: not
    at all); ``metrics_token`` lets a collector on another machine read the metrics; ``only_tls``
    says that people reach this process through TLS alone; ``trusted_proxies`` are those whose word
    about a visitor's address is believed; ``authority`` is the certificate by which Kafka is known
    where it is reached by TLS.

    ``issuer`` is the issuer of tokens as browsers and tokens name it (our own identity where it is
    empty), ``issuer_inside`` its address for services; ``claim_…`` are the names of its claims.
    ``public_url`` is where browsers find this process, ``client_id`` and ``client_secret`` what it
    is known by at the issuer; ``clients`` are those whom our own issuer knows.
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
    issuer: str = ""
    issuer_inside: str = ""
    issuer_algorithms: str = "ES256"
    issuer_token_type: str = "at+jwt"  # noqa: S105
    claim_account: str = "sub"
    claim_name: str = "name"
    claim_role: str = "role"
    claim_org: str = "org"
    claim_org_name: str = "org_name"
    claim_on_behalf_of: str = "act_for"
    claim_scopes: str = "scope"
    public_url: str = ""
    client_id: str = "siku-console"
    client_secret: SecretStr = SecretStr("")
    client_scope: str = "openid"
    clients: tuple[Client, ...] = ()
    reads_a_minute: int = 1200
    writes_a_minute: int = 600
    metrics_token: SecretStr = SecretStr("")
    only_tls: bool = False
    trusted_proxies: str = "127.0.0.1"

    @property
    def issuer_url(self) -> str:
        """Give the issuer whose tokens count, as they name it."""
        return (self.issuer or self.identity_url).rstrip("/")

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
