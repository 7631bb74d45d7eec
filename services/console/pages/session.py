"""Who is looking: the session cookie, and the short-lived tokens fetched for it."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fastapi import Request, Response

from services.console.adapters.identity import Identity, SignedIn, SignInRefused
from shared.refusals import NotSignedIn
from shared.tokens import Actor
from shared.units import NO_UNITS, Units

OWN_AUDIENCE = "console"
ALWAYS_ONESELF = "identity"
"""Settings and passwords are one's own, whomever one stands in for."""
_EARLY = 30.0  # a token this near to its end is not used any more
_KEPT = 4096


class Verify(Protocol):
    """Tells who a token speaks for."""

    async def verify(self, token: str) -> Actor:
        """Give the actor of a token."""
        ...


@dataclass(frozen=True)
class Visit:
    """One signed-in request: who asks, the session that tokens are fetched with, today's units."""

    actor: Actor
    session: str
    units: Units = NO_UNITS


class _Kept(NamedTuple):
    """A token, until when it is used, and whose it is."""

    token: str
    until: float
    account: str


class Sessions:
    """Keeps access tokens in memory, per session and audience, until shortly before their end."""

    def __init__(self, identity: Identity, verifier: Verify) -> None:
        """Bind to the issuer and to the verifier of the console's own tokens."""
        self._identity = identity
        self._verifier = verifier
        self._tokens: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._acting: dict[str, str] = {}

    async def open(self, username: str, password: str, new_password: str | None = None) -> SignedIn:
        """Sign in and remember the first token."""
        signed_in = await self._identity.sign_in(username, password, OWN_AUDIENCE, new_password)
        if signed_in.session:
            self._keep(signed_in.session, OWN_AUDIENCE, signed_in)
        return signed_in

    async def close(self, session: str) -> None:
        """Sign out, here and at identity."""
        self.act_for(session, "")
        await self._identity.sign_out(session)

    def act_for(self, session: str, absent: str) -> None:
        """Stand in for somebody from the next page on, or for nobody any more.

        Only this process remembers it: after a restart everybody acts for himself again.
        """
        digest = _digest(session)
        self._drop(digest)
        self._acting.pop(digest, None)
        if absent:
            self._acting[digest] = absent

    def forget(self, account: str) -> None:
        """Ask identity again before another page is shown to this account."""
        for digest in {key[0] for key, kept in self._tokens.items() if kept.account == account}:
            self._drop(digest)

    def _drop(self, digest: str) -> None:
        for key in [key for key in self._tokens if key[0] == digest]:
            del self._tokens[key]

    async def token(self, session: str, audience: str) -> str:
        """Give a token for one audience.

        Raises:
            NotSignedIn: the session ended.
            Unavailable: identity does not answer and no token is left.
        """
        kept = self._tokens.get((_digest(session), audience))
        if kept and kept.until > time.monotonic():
            return kept.token
        acting_for = self._acting.get(_digest(session), "")
        if audience == ALWAYS_ONESELF:
            acting_for = ""
        try:
            signed_in = await self._identity.exchange(session, audience, acting_for)
        except SignInRefused as refused:
            if acting_for:
                # The substitution is over: on with one's own post.
                self.act_for(session, "")
                return await self.token(session, audience)
            raise NotSignedIn("登录已到期，请重新登录。") from refused
        self._keep(session, audience, signed_in)
        return signed_in.access_token

    async def visit(self, session: str) -> Visit:
        """Give who is behind a session.

        Raises:
            NotSignedIn: the session ended, or its token does not hold.
        """
        return Visit(await self._verifier.verify(await self.token(session, OWN_AUDIENCE)), session)

    def _keep(self, session: str, audience: str, signed_in: SignedIn) -> None:
        until = time.monotonic() + signed_in.expires_in - _EARLY
        kept = _Kept(signed_in.access_token, until, signed_in.actor.account)
        self._tokens[_digest(session), audience] = kept
        self._tokens.move_to_end((_digest(session), audience))
        while len(self._tokens) > _KEPT:
            self._tokens.popitem(last=False)


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()


class Cookies:
    """The names of our cookies; two homes on one host differ by port, cookies do not."""

    def __init__(self, port: int, *, only_tls: bool = False) -> None:
        """Name the cookies after the port that this console answers on.

        With ``only_tls`` they are secure whatever this process sees of the way to the browser.
        """
        self._only_tls = only_tls
        self.session = f"siku_session_{port}"
        self.said = f"siku_said_{port}"

    def put(self, request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that no script reads and no other site sends."""
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=True,
            samesite="strict",
            secure=self._only_tls or request.url.scheme == "https",
            path="/",
        )

    def drop(self, answer: Response, name: str) -> None:
        """Take a cookie back."""
        answer.delete_cookie(name, path="/", httponly=True, samesite="strict")
