"""Reads what a client asks for when it sends a browser here (RFC 6749 4.1.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from services.identity.clients import Clients
from services.identity.codes import Asked

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST = 1024


class NotOurClient(Exception):
    """Nobody who may send a browser here; the browser is not sent back to where it says."""


class AskedWrongly(Exception):
    """A client that we know asks for what is not given; it is told so at its own address."""

    def __init__(self, error: str, description: str, back: "WayBack") -> None:
        """Keep what the client is told, and where."""
        super().__init__(description)
        self.error = error
        self.description = description
        self.back = back


@dataclass(frozen=True)
class WayBack:
    """Where a browser goes back to, and the word by which the client knows it again."""

    redirect_uri: str
    state: str

    def with_answer(self, issuer: str, **answer: str) -> str:
        """Give the address that carries an answer; it names the issuer (RFC 9207)."""
        fields = {**answer, "iss": issuer, **({"state": self.state} if self.state else {})}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode(fields)}"


@dataclass(frozen=True)
class SignInAsked:
    """A sign-in that a client asks for."""

    asked: Asked
    back: WayBack
    prompt: frozenset[str]


def read(pairs: Sequence[tuple[str, str]], clients: Clients) -> SignInAsked:
    """Read a request.

    Raises:
        NotOurClient: no known client, or none of its own addresses to go back to.
        AskedWrongly: anything else than a code with a challenge.
    """
    fields = dict(pairs)
    client = clients.find(fields.get("client_id", ""))
    redirect_uri = fields.get("redirect_uri", "")
    # Compared letter by letter: any cleverness here sends codes to strangers.
    if client is None or redirect_uri not in client.redirect_uris:
        raise NotOurClient
    back = WayBack(redirect_uri, fields.get("state", "")[:_LONGEST])
    nonce, prompt = fields.get("nonce", ""), frozenset(fields.get("prompt", "").split())
    challenge = fields.get("code_challenge", "")
    if len(fields) < len(pairs) or "request" in fields or "request_uri" in fields:
        raise AskedWrongly("invalid_request", "a parameter twice, or one not supported", back)
    if fields.get("response_type") != "code":
        raise AskedWrongly("unsupported_response_type", "only codes are given", back)
    if fields.get("response_mode", "query") != "query":
        raise AskedWrongly("invalid_request", "only response_mode=query", back)
    if "openid" not in fields.get("scope", "").split():
        raise AskedWrongly("invalid_scope", "the scope openid is missing", back)
    if fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise AskedWrongly("invalid_request", "a challenge by S256 is required", back)
    if not back.state or not nonce or len(nonce) > _LONGEST:
        raise AskedWrongly("invalid_request", "state and nonce are required", back)
    return SignInAsked(Asked(client.client_id, redirect_uri, challenge, nonce), back, prompt)
