"""What is signed for somebody: an access token for one audience, and who signed in (ID token)."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.identity.accounts import Holder
from services.identity.signing import SigningKeys

ACCESS_TOKEN, ID_TOKEN = "at+jwt", "JWT"
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Subject:
    """Whose access token a client holds, in which of its families."""

    account: UUID
    family: UUID


@dataclass(frozen=True)
class SignedIn:
    """Who signed in for which client, and the family that began with it."""

    client: str
    account: UUID
    family: UUID


class Issuing:
    """Signs tokens in the name of one issuer."""

    def __init__(self, issuer: str, keys: SigningKeys) -> None:
        """Bind to the issuer's address and to its keys."""
        self.issuer = issuer
        self._keys = keys

    async def access_token(
        self,
        holder: Holder,
        audience: str,
        now: datetime,
        *,
        client: str = "",
        family: UUID | None = None,
        scope: str = "",
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """Give an access token for one audience (RFC 9068).

        One with a family is a client's own and may be exchanged for others; one with a scope
        is a machine account's.
        """
        claims = self._claims(holder, audience, now, lifetime) | {"jti": str(uuid4())}
        if holder.on_behalf_of:
            claims["act_for"] = holder.on_behalf_of
        if client:
            claims["client_id"] = client
        if family:
            claims["sid"] = str(family)
        if scope:
            claims["scope"] = scope
        return await self._keys.sign(ACCESS_TOKEN, claims, now)

    async def id_token(
        self,
        holder: Holder,
        client: str,
        now: datetime,
        *,
        family: UUID,
        nonce: str,
        signed_in_at: datetime,
        access_token: str,
    ) -> str:
        """Tell a client who signed in; no service takes it for an access token."""
        claims = self._claims(holder, client, now, LIFETIME) | {
            "preferred_username": holder.username,
            "auth_time": int(signed_in_at.timestamp()),
            "sid": str(family),
            "at_hash": _half_hash(access_token),
        }
        if nonce:
            claims["nonce"] = nonce
        return await self._keys.sign(ID_TOKEN, claims, now)

    async def subject(
        self, token: str, client: str, audience: str, now: datetime
    ) -> Subject | None:
        """Give whose own access token a client shows, if it is one and still holds."""
        claims = await self._keys.read(ACCESS_TOKEN, token, now)
        if claims is None or "sid" not in claims:
            return None
        wanted = {"iss": self.issuer, "aud": audience, "client_id": client}
        ends = claims.get("exp")
        if not wanted.items() <= claims.items() or not isinstance(ends, int):
            return None
        if ends <= now.timestamp():
            return None
        return Subject(UUID(str(claims["sub"])), UUID(str(claims["sid"])))

    async def signed_in(self, id_token: str, now: datetime) -> SignedIn | None:
        """Give what an ID token tells; it may be over, because people sign out late."""
        claims = await self._keys.read(ID_TOKEN, id_token, now)
        if claims is None or claims.get("iss") != self.issuer:
            return None
        return SignedIn(str(claims["aud"]), UUID(str(claims["sub"])), UUID(str(claims["sid"])))

    def _claims(
        self, holder: Holder, audience: str, now: datetime, lifetime: timedelta
    ) -> dict[str, object]:
        return {
            "iss": self.issuer,
            "aud": audience,
            "sub": str(holder.account),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "name": holder.name,
            "role": holder.role,
            "org": holder.organisation,
            "org_name": holder.organisation_name,
        }


def _half_hash(token: str) -> str:
    # OpenID Connect Core 3.1.3.6: the left half of the digest of the signature's own hash.
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")
