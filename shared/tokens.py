"""Who is asking: access tokens verified against the issuer's published keys (JWKS).

Where the keys are is read from the issuer's description of itself (``shared/issuer.py``). Only the
configured issuer's keys count; a token's own ``jku``, ``jwk`` or ``x5u`` is never
followed, and an unknown ``kid`` causes at most one refresh a minute.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx
from fastapi import Request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.issuer import Issuer
from shared.limiting import Limits
from shared.refusals import NotAllowed, NotSignedIn, Unavailable

LEEWAY = 10
READ = "read"
"""The scope without which a machine account reads nothing."""
_READS = frozenset({"GET", "HEAD"})
_REFRESH = 60.0
_RENEW = 600.0


@dataclass(frozen=True)
class Actor:
    """The account that asks, with the role and the organisation that it acts for.

    ``on_behalf_of`` is the account of somebody absent whose role and organisation these are.
    ``scopes`` is what a machine account was given of what its role may do, None for people.
    """

    account: str
    name: str
    role: str
    org: str
    org_name: str
    on_behalf_of: str = ""
    scopes: frozenset[str] | None = None

    def was_given(self, scope: str) -> bool:
        """Tell whether nothing but the role decides, or this scope was given."""
        return self.scopes is None or scope in self.scopes


class Verifier:
    """Verifies access tokens for one audience."""

    def __init__(self, issuer: Issuer, audience: str) -> None:
        """Bind to the issuer and to the service that tokens must be meant for."""
        self.issuer = issuer
        names = issuer.names
        needed = (names.account, names.role, names.org)
        claims: dict[str, Any] = {name: {"essential": True} for name in needed}
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer.url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            **claims,
        )
        self._registry = jws.JWSRegistry(algorithms=issuer.algorithms)
        self._keys: KeySet | None = None
        self._fetched = -_REFRESH
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Actor:
        """Give the actor of a token.

        Raises:
            NotSignedIn: the token does not hold, for whatever reason.
            Unavailable: the issuer's keys cannot be had.
        """
        decoded = await self.decoded(token)
        if decoded.header.get("typ") != self.issuer.token_type or "nonce" in decoded.claims:
            raise NotSignedIn("登录凭证的种类不对，请重新登录。")
        try:
            self._claims.validate(decoded.claims)
        except JoseError as error:
            raise NotSignedIn("登录已失效，请重新登录。") from error
        claims, names = cast("dict[str, str]", decoded.claims), self.issuer.names
        if not all(_is_word(claims[one]) for one in (names.account, names.role, names.org)):
            raise NotSignedIn("登录凭证没有写明账号、角色和机构。")
        return Actor(
            account=claims[names.account],
            name=str(claims.get(names.name, "")),
            role=claims[names.role],
            org=claims[names.org],
            org_name=str(claims.get(names.org_name, "")),
            on_behalf_of=str(claims.get(names.on_behalf_of, "")),
            scopes=_scopes(decoded.claims.get(names.scopes)),
        )

    async def decoded(self, token: str) -> jwt.Token:
        """Give what the issuer signed, of whatever kind and for whomever it is.

        Raises:
            NotSignedIn: the issuer did not sign it.
            Unavailable: the issuer's keys cannot be had.
        """
        kid = _kid(token)
        keys = await self._keys_with(kid)
        try:
            return jwt.decode(
                token, keys, algorithms=self.issuer.algorithms, registry=self._registry
            )
        except (JoseError, ValueError) as error:
            raise NotSignedIn("登录已失效，请重新登录。") from error

    async def _keys_with(self, kid: str) -> KeySet:
        # Keys are read again now and then, so that a withdrawn one does not count for ever.
        age = time.monotonic() - self._fetched
        if self._keys is not None and kid in _kids(self._keys) and age < _RENEW:
            return self._keys
        async with self._lock:
            if self._keys is None or time.monotonic() - self._fetched >= _REFRESH:
                await self._fetch()
        if self._keys is None:
            raise Unavailable("身份服务暂时联系不上，请稍后再试。")
        if kid not in _kids(self._keys):
            raise NotSignedIn("登录凭证的签名无法核实，请重新登录。")
        return self._keys

    async def _fetch(self) -> None:
        try:
            where = self.issuer.reached((await self.issuer.described()).jwks_uri)
            answer = await self.issuer.http.get(where)
            answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            if self._keys is None:
                raise Unavailable("身份服务暂时联系不上，请稍后再试。") from error
        self._fetched = time.monotonic()


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _scopes(claim: object) -> frozenset[str] | None:
    """Read scopes; a claim that is there and cannot be read gives none."""
    if claim is None:
        return None
    return frozenset(claim.split() if isinstance(claim, str) else ())


def _kids(keys: KeySet) -> set[str]:
    return {key.kid for key in keys.keys if key.kid}


def _kid(token: str) -> str:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise NotSignedIn("登录凭证无法识别，请重新登录。") from error
    return str(header.get("kid", ""))


async def actor_of(request: Request) -> Actor:
    """FastAPI dependency: the actor of the request's bearer token, kept in ``request.state``.

    Raises:
        NotSignedIn: there is no token, or it does not hold.
        NotAllowed: a machine account reads that was not given to read.
        TooManyRequests: this account has asked this route too often.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("没有登录凭证，请先登录。")
    runtime = request.app.state.runtime
    verifier: Verifier = runtime.tokens
    limits: Limits = runtime.limits
    request.state.actor = actor = await verifier.verify(token.strip())
    limits.take(actor.account, request)
    if request.method in _READS and not actor.was_given(READ):
        raise NotAllowed(f"这个机器账号没有“{READ}”（读取）权限。请联系系统管理员。")
    return actor
