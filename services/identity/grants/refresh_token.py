"""An access token is about to end: the client's refresh token is exchanged for the next two."""

from typing import Annotated, Literal

from pydantic import Field

from services.identity.grants.asking import Asking, Desk, TokenAnswer, TokenForm
from services.identity.issuing import LIFETIME
from services.identity.oauth import TokenRefused


class Form(TokenForm):
    """A refresh token that was not used yet."""

    grant_type: Literal["refresh_token"]
    refresh_token: Annotated[str, Field(max_length=256)]


async def grant(desk: Desk, form: Form, asking: Asking) -> TokenAnswer:
    """Give an access token of the client's own and the refresh token that follows.

    Raises:
        TokenRefused: the client or the token does not hold, or nobody may come in any more.
    """
    client = desk.clients.proven(asking.authorization)
    issued = await desk.families.rotate(
        form.refresh_token, client.client_id, asking.address, asking.now
    )
    # The post is read anew each time: whoever lost it gets no further token.
    holder = await desk.accounts.find(issued.account, desk.clock.today())
    if holder is None:
        raise TokenRefused("invalid_grant", "nobody may come in with this account")
    return TokenAnswer(
        access_token=await desk.issuing.access_token(
            holder, client.audience, asking.now, client=client.client_id, family=issued.family
        ),
        expires_in=int(LIFETIME.total_seconds()),
        refresh_token=issued.token,
    )
