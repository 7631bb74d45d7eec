"""The relying parties that this issuer knows, and how one proves that it is itself."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from urllib.parse import unquote_plus

from services.identity.oauth import TokenRefused
from shared.settings import Client


class Clients:
    """Clients by their name."""

    def __init__(self, clients: Iterable[Client]) -> None:
        """Take them from the configuration."""
        self._clients = {one.client_id: one for one in clients}

    def find(self, client_id: str) -> Client | None:
        """Give a client, if it is known."""
        return self._clients.get(client_id)

    def proven(self, authorization: str) -> Client:
        """Give the client whose name and secret stand in a header (``client_secret_basic``).

        Raises:
            TokenRefused: there is none, or the secret is another one.
        """
        name, secret = credentials(authorization)
        client = self._clients.get(name)
        # An unknown name is compared as well, so that its answer takes no less time.
        known = client.secret.get_secret_value() if client else ""
        if hmac.compare_digest(known.encode(), secret.encode()) and client and known:
            return client
        raise TokenRefused("invalid_client", "unknown client or wrong secret", status=401)


def credentials(authorization: str) -> tuple[str, str]:
    """Read name and secret in a header (``client_secret_basic``); empty where there are none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        plain = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    name, _, secret = plain.partition(":")
    # RFC 6749 2.3.1: both are written as in a form before they are joined.
    return unquote_plus(name), unquote_plus(secret)
