"""What OAuth calls its refusals: on the token endpoint they are no problem documents (RFC 6749)."""

from typing import Literal

TokenError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "unauthorized_client",
    "unsupported_grant_type",
]


class TokenRefused(Exception):
    """The token endpoint says no; the description is for whoever writes the client, in ASCII."""

    def __init__(self, error: TokenError, description: str, *, status: int = 400) -> None:
        """Keep what is answered."""
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
