"""Another system comes in for itself: a machine account with its secret (RFC 6749 4.4)."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from services.identity.clients import credentials
from services.identity.grants.asking import Asking, Desk, TokenAnswer, TokenForm
from services.identity.machines import Shown
from services.identity.oauth import TokenRefused
from shared.tokens import LEEWAY

# Nothing asks identity whether a token still counts: with the leeway of those who check it, a
# machine account that was disabled is out after a minute.
LIFETIME = timedelta(minutes=1) - timedelta(seconds=LEEWAY)
AUDIENCES = ("intake", "approval_tracking")
"""The services that other systems speak to; accounts are people's to keep."""


class Form(TokenForm):
    """For which service, and with which of its scopes: all where none is named.

    The client shows itself in the header or, where it cannot, in the form (RFC 6749 2.3.1).
    """

    grant_type: Literal["client_credentials"]
    audience: Annotated[str, Field(max_length=64)]
    scope: Annotated[str, Field(max_length=256)] = ""
    client_id: Annotated[str, Field(max_length=64)] = ""
    client_secret: Annotated[SecretStr, Field(max_length=256)] = SecretStr("")


async def grant(desk: Desk, form: Form, asking: Asking) -> TokenAnswer:
    """Give an access token of less than a minute for one audience, and nothing to renew it with.

    Raises:
        TokenRefused: the machine account does not come in, or asks for what it was not given.
        TooManyRequests: this address has asked too often.
    """
    desk.count(asking.address, form.grant_type)
    if form.audience not in AUDIENCES:
        raise TokenRefused("invalid_target", f"audiences: {' '.join(AUDIENCES)}")
    machine, secret = _client(form, asking)
    came = await desk.machines.come_in(
        Shown(
            machine,
            secret,
            scopes=frozenset(form.scope.split()),
            address=asking.address,
            now=asking.now,
            today=desk.clock.today(),
        )
    )
    scope = " ".join(sorted(came.scopes))
    return TokenAnswer(
        access_token=await desk.issuing.access_token(
            came.holder,
            form.audience,
            asking.now,
            client=str(came.holder.account),
            scope=scope,
            lifetime=LIFETIME,
        ),
        expires_in=int(LIFETIME.total_seconds()),
        scope=scope,
    )


def _client(form: Form, asking: Asking) -> tuple[str, str]:
    if asking.authorization and form.client_secret.get_secret_value():
        # RFC 6749 2.3: not more than one way in a request.
        raise TokenRefused("invalid_request", "the secret came twice")
    if asking.authorization:
        return credentials(asking.authorization)
    return form.client_id, form.client_secret.get_secret_value()
