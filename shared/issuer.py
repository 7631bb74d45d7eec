"""Who issues the tokens that count here: where it is, how it signs, what it calls its claims.

Its keys and doors are found by OpenID Connect Discovery, so another issuer is other settings and
nothing else.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.refusals import Unavailable
from shared.settings import Settings

log = structlog.get_logger()

DISCOVERY = "/.well-known/openid-configuration"
SIGNATURES = frozenset({"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "EdDSA"})
"""Signatures that an issuer may be configured for; none of them is made with a shared secret."""
_REREAD = 600.0


@dataclass(frozen=True)
class ClaimNames:
    """What an issuer calls the claims that say who acts, as what, and for which unit."""

    account: str = "sub"
    name: str = "name"
    role: str = "role"
    org: str = "org"
    org_name: str = "org_name"
    on_behalf_of: str = "act_for"
    scopes: str = "scope"


class Described(BaseModel):
    """What an issuer says of itself, as far as it is needed here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""


class Issuer:
    """One issuer. ``inside`` is its address for services, where browsers use another one."""

    def __init__(
        self,
        url: str,
        *,
        inside: str = "",
        algorithms: Sequence[str] = ("ES256",),
        token_type: str = "at+jwt",  # noqa: S107
        names: ClaimNames | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """Describe an issuer; nothing is fetched yet.

        Raises:
            ValueError: an algorithm that is none of ``SIGNATURES``.
        """
        if not set(algorithms) <= SIGNATURES or not algorithms:
            raise ValueError(f"no signature of an issuer: {', '.join(algorithms)}")
        self.url = url.rstrip("/")
        self.algorithms = list(algorithms)
        self.token_type = token_type
        self.names = names or ClaimNames()
        self.http = http or httpx.AsyncClient(timeout=5, trust_env=False)
        self._inside = inside.rstrip("/") or self.url
        self._said: Described | None = None
        self._read_at = -_REREAD
        self._lock = asyncio.Lock()

    def reached(self, address: str) -> str:
        """Give the address under which a service reaches a door that browsers know by another."""
        if address.startswith(f"{self.url}/"):
            return self._inside + address.removeprefix(self.url)
        return address

    async def described(self) -> Described:
        """Give what the issuer says of itself, read anew every ten minutes.

        Raises:
            Unavailable: it does not answer, or calls itself by another name than it is known by.
        """
        async with self._lock:
            if self._said is None or time.monotonic() - self._read_at >= _REREAD:
                self._said = await self._read() or self._said
                self._read_at = time.monotonic()
        if self._said is None:
            self._read_at = -_REREAD
            raise Unavailable("身份服务暂时联系不上，请稍后再试。")
        return self._said

    async def _read(self) -> Described | None:
        try:
            answer = await self.http.get(f"{self._inside}{DISCOVERY}")
            answer.raise_for_status()
            said = Described.model_validate(answer.json())
        except (httpx.HTTPError, ValidationError, ValueError):
            return None
        # OpenID Connect Discovery 4.3: a document about somebody else must not be used.
        if said.issuer.rstrip("/") != self.url:
            log.error("issuer_has_another_name", known_as=self.url, calls_itself=said.issuer)
            return None
        return said


def issuer_of(settings: Settings) -> Issuer:
    """Give the issuer that a process was told to believe."""
    return Issuer(
        settings.issuer_url,
        inside=settings.issuer_inside,
        algorithms=[one.strip() for one in settings.issuer_algorithms.split(",")],
        token_type=settings.issuer_token_type,
        names=ClaimNames(
            account=settings.claim_account,
            name=settings.claim_name,
            role=settings.claim_role,
            org=settings.claim_org,
            org_name=settings.claim_org_name,
            on_behalf_of=settings.claim_on_behalf_of,
            scopes=settings.claim_scopes,
        ),
    )
