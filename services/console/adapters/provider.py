"""Speaks with the issuer of tokens as a relying party: codes, refresh tokens, exchanged tokens.

Any OpenID provider will do that refreshes and exchanges tokens (RFC 6749, RFC 8693).
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.issuer import Issuer
from shared.refusals import NotSignedIn, Unavailable
from shared.tokens import LEEWAY

log = structlog.get_logger()

_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_MISCONFIGURED = frozenset(
    {
        "invalid_client",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
_SILENT = "身份服务暂时没有回应。"


class Granted(BaseModel):
    """What the issuer gives; a refresh token only where it is another one than before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    expires_in: int = 60
    refresh_token: str = ""
    id_token: str = ""


class Refused(Exception):
    """The issuer said no; its error is one of RFC 6749's words."""


class Decode(Protocol):
    """Reads what the issuer signed."""

    async def decoded(self, token: str) -> jwt.Token:
        """Give a token whose signature holds."""
        ...


@dataclass(frozen=True)
class Beginning:
    """What is remembered of a sign-in under way, in the browser that began it."""

    state: str
    nonce: str
    verifier: str

    @staticmethod
    def make() -> "Beginning":
        """Make three words that nobody can guess."""
        return Beginning(*(secrets.token_urlsafe(32) for _ in range(3)))


class Provider:
    """The issuer over HTTP, as seen by one client of it."""

    def __init__(
        self, issuer: Issuer, decode: Decode, client_id: str, secret: str, scope: str, home: str
    ) -> None:
        """Bind to an issuer; ``home`` is where browsers find this client."""
        self._issuer = issuer
        self._decode = decode
        self._client_id = client_id
        self._scope = scope
        self.home = home.rstrip("/")
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        self._authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"

    @property
    def callback(self) -> str:
        """The address to which the issuer sends the browser back."""
        return f"{self.home}/signed-in"

    async def way_in(self, beginning: Beginning) -> str:
        """Give the address at which somebody signs in.

        Raises:
            Unavailable: the issuer does not answer.
        """
        digest = hashlib.sha256(beginning.verifier.encode()).digest()
        fields = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self.callback,
            "scope": self._scope,
            "state": beginning.state,
            "nonce": beginning.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return _with((await self._issuer.described()).authorization_endpoint, fields)

    async def way_out(self, id_token: str) -> str:
        """Give the address at which the issuer's own session ends, or our own where it has none."""
        own = f"{self.home}/signed-out"
        try:
            address = (await self._issuer.described()).end_session_endpoint
        except Unavailable:
            return own
        fields = {"id_token_hint": id_token, "post_logout_redirect_uri": own}
        return _with(address, fields) if address and id_token else own

    def is_from(self, named: str) -> bool:
        """Tell whether an answer may be from this issuer, which it names (RFC 9207)."""
        return not named or named.rstrip("/") == self._issuer.url

    async def redeem(self, code: str, beginning: Beginning) -> Granted:
        """Turn a code into tokens, and see that they are for this sign-in.

        Raises:
            Refused: the issuer does not take the code.
            NotSignedIn: the ID token is not for us, or not for this sign-in.
            Unavailable: the issuer does not answer.
        """
        granted = await self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.callback,
                "code_verifier": beginning.verifier,
            }
        )
        decoded = await self._decode.decoded(granted.id_token)
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer.url},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": beginning.nonce},
        )
        try:
            registry.validate(decoded.claims)
        except JoseError as error:
            raise NotSignedIn("登录凭证不是给这次登录的。") from error
        return granted

    async def refresh(self, refresh_token: str) -> Granted:
        """Spend a refresh token.

        Raises:
            Refused: it does not hold any longer.
            Unavailable: the issuer does not answer.
        """
        return await self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def exchange(self, access_token: str, audience: str, act_for: str = "") -> Granted:
        """Get a token for one service, for oneself or for somebody absent.

        Raises:
            Refused: the session ended, or nobody is stood in for today.
            Unavailable: the issuer does not answer.
        """
        asked = {
            "grant_type": _EXCHANGE,
            "subject_token": access_token,
            "subject_token_type": _ACCESS_TOKEN,
            "requested_token_type": _ACCESS_TOKEN,
            "audience": audience,
        }
        return await self._token(asked | ({"act_for": act_for} if act_for else {}))

    async def _token(self, form: Mapping[str, str]) -> Granted:
        address = self._issuer.reached((await self._issuer.described()).token_endpoint)
        try:
            answer = await self._issuer.http.post(
                address, data=dict(form), headers={"Authorization": self._authorization}
            )
        except httpx.HTTPError as silent:
            raise Unavailable(_SILENT) from silent
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable(_SILENT)
        try:
            if answer.is_success:
                return Granted.model_validate(answer.json())
            error = str(answer.json().get("error", ""))
        except (ValidationError, ValueError, AttributeError) as unreadable:
            raise Unavailable(_SILENT) from unreadable
        if error in _MISCONFIGURED:
            # Nobody signed in can help it, and nobody should be signed out for it.
            log.error("issuer_refuses_the_client", error=error, grant_type=form["grant_type"])
            raise Unavailable("身份服务不接受本系统的设置，请告诉运维人员。")
        raise Refused(error)


def _with(address: str, fields: Mapping[str, str]) -> str:
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(fields)}"
