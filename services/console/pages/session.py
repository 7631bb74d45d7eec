"""Who is looking: the session behind a cookie, and the short-lived tokens fetched for it."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from services.console.adapters.provider import Decode, Granted, Provider, Refused
from services.console.adapters.session_store import LONGEST, Held, SessionStore, Tokens, hash_of
from shared.refusals import NotSignedIn
from shared.tokens import Actor
from shared.units import NO_UNITS, Units

OWN_AUDIENCE = "console"
ALWAYS_ONESELF = "identity"
"""Settings and passwords are one's own, whomever one stands in for."""
SESSION_SECONDS = int(LONGEST.total_seconds())
_EARLY = timedelta(seconds=10)  # a token this near to its end is not used any more
_KEPT = 4096
# How many sessions may wait for the issuer at once, each with a connection of the database.
_AT_ONCE = 4


class Verify(Decode, Protocol):
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


class _Token(NamedTuple):
    """A token, and until when it is used."""

    token: str = ""
    until: float = 0.0


@dataclass
class _Known:
    """A session as this process knows it; what it does not know stands in the database."""

    account: str = ""
    acting_for: str = ""
    own: _Token = field(default_factory=_Token)
    exchanged: dict[str, _Token] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def token(self, audience: str) -> str:
        """Give a token that holds for a while, or nothing."""
        now = time.monotonic()
        if self.own.until <= now:
            return ""
        if audience == OWN_AUDIENCE and not self.acting_for:
            return self.own.token
        kept = self.exchanged.get(audience)
        return kept.token if kept and kept.until > now else ""


class Sessions:
    """Sessions in the database; their access tokens also in memory until shortly before their end.

    Several requests of one session fetch a token once. A session that was ended elsewhere is seen
    to be over when its access token ends, minutes later at most.
    """

    def __init__(self, provider: Provider, verifier: Verify, store: SessionStore) -> None:
        """Bind to the issuer, to the verifier of the console's own tokens, and to the rows."""
        self._provider = provider
        self._verifier = verifier
        self._store = store
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._waiting = asyncio.Semaphore(_AT_ONCE)

    async def open(self, granted: Granted) -> str:
        """Begin a session for whoever signed in, and give the secret of its cookie.

        Raises:
            NotSignedIn: the access token does not say who acts for which unit.
        """
        actor = await self._verifier.verify(granted.access_token)
        tokens = _tokens(granted)
        secret = await self._store.put(actor.account, tokens)
        self._learn(secret, _Known(account=actor.account, own=_used_until(tokens)))
        return secret

    async def close(self, session: str) -> str:
        """End a session here, and give the address at which it ends at the issuer."""
        self._known.pop(hash_of(session), None)
        try:
            tokens = await self._store.end(session)
        except NotSignedIn:
            tokens = None
        return await self._provider.way_out(tokens.id_token if tokens else "")

    async def act_for(self, session: str, absent: str) -> str:
        """Stand in for somebody from the next page on, or for nobody; give the new secret."""
        async with self._store.held(session) as held:
            secret = await held.act_for(absent)
        self._known.pop(hash_of(session), None)
        return secret

    async def forget(self, account: str) -> None:
        """Ask the issuer again before another page is shown to this account."""
        await self._store.make_stale(account)
        self._drop(account)

    async def close_all(self, account: str) -> None:
        """End every session of an account."""
        await self._store.end_all(account)
        self._drop(account)

    def _drop(self, account: str) -> None:
        for digest in [one for one, known in self._known.items() if known.account == account]:
            del self._known[digest]

    async def token(self, session: str, audience: str) -> str:
        """Give a token for one audience.

        Raises:
            NotSignedIn: the session ended.
            Unavailable: the issuer does not answer and no token is left.
        """
        known = self._known.get(hash_of(session)) or self._learn(session, _Known())
        self._known.move_to_end(hash_of(session))
        if token := known.token(audience):
            return token
        async with known.lock:
            return known.token(audience) or await self._fetched(session, known, audience)

    async def visit(self, session: str) -> Visit:
        """Give who is behind a session.

        Raises:
            NotSignedIn: the session ended, or its token does not hold.
        """
        return Visit(await self._verifier.verify(await self.token(session, OWN_AUDIENCE)), session)

    async def _fetched(self, session: str, known: _Known, audience: str) -> str:
        if known.own.until <= time.monotonic():
            async with self._waiting:
                await self._renew(session, known)
        if token := known.token(audience):
            return token
        acting_for = "" if audience == ALWAYS_ONESELF else known.acting_for
        try:
            granted = await self._provider.exchange(known.own.token, audience, acting_for)
        except Refused as refused:
            if not acting_for:
                await self.close(session)
                raise NotSignedIn("登录已到期，请重新登录。") from refused
            # The substitution is over: on with one's own post.
            async with self._store.held(session) as held:
                await held.stop_acting()
            known.acting_for = ""
            known.exchanged.clear()
            return await self._fetched(session, known, audience)
        known.exchanged[audience] = _used_until(_tokens(granted))
        return granted.access_token

    async def _renew(self, session: str, known: _Known) -> None:
        """Take the tokens that another process fetched, or fetch them while no other can."""
        over: Refused | None = None
        async with self._store.held(session) as held:
            tokens = held.kept.tokens
            if held.kept.stale or tokens.ends_at - _EARLY <= datetime.now(UTC):
                try:
                    tokens = await self._refreshed(held)
                except Refused as refused:
                    await held.end()
                    over = refused
        if over is not None:
            raise NotSignedIn("登录已到期，请重新登录。") from over
        known.account, known.acting_for = held.kept.account, held.kept.acting_for
        known.own = _used_until(tokens)
        known.exchanged.clear()

    async def _refreshed(self, held: Held) -> Tokens:
        before = held.kept.tokens
        if not before.refresh_token:
            raise Refused("no_refresh_token")
        granted = await self._provider.refresh(before.refresh_token)
        # An answer that is lost on its way leaves the spent token here: its next use ends the
        # session, and the browser signs in anew without typing.
        tokens = _tokens(granted, before)
        await held.keep(tokens)
        return tokens

    def _learn(self, session: str, known: _Known) -> _Known:
        self._known[hash_of(session)] = known
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return known


def _tokens(granted: Granted, before: Tokens | None = None) -> Tokens:
    """Write down what was given; what an issuer leaves out stays as it was."""
    return Tokens(
        access_token=granted.access_token,
        ends_at=datetime.now(UTC) + timedelta(seconds=granted.expires_in),
        refresh_token=granted.refresh_token or (before.refresh_token if before else ""),
        id_token=granted.id_token or (before.id_token if before else ""),
    )


def _used_until(tokens: Tokens) -> _Token:
    left = tokens.ends_at - _EARLY - datetime.now(UTC)
    return _Token(tokens.access_token, time.monotonic() + left.total_seconds())
