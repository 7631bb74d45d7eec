"""A browser came back with a code: its client gets the tokens of whoever signed in."""

from typing import Annotated, Literal

from pydantic import Field

from services.identity.codes import Redeemed, Shown
from services.identity.grants.asking import Asking, Desk, TokenAnswer, TokenForm
from services.identity.issuing import LIFETIME
from services.identity.oauth import TokenRefused


class Form(TokenForm):
    """A code, with where it was sent and the verifier of its challenge (RFC 7636)."""

    grant_type: Literal["authorization_code"]
    code: Annotated[str, Field(max_length=256)]
    redirect_uri: Annotated[str, Field(max_length=2048)]
    code_verifier: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]


async def grant(desk: Desk, form: Form, asking: Asking) -> TokenAnswer:
    """Give an access token of the client's own, a refresh token and an ID token.

    Raises:
        TokenRefused: the client or the code does not hold, or nobody may come in any more.
    """
    client = desk.clients.proven(asking.authorization)
    shown = Shown(form.code, client.client_id, form.redirect_uri, form.code_verifier)
    redeemed: Redeemed = await desk.codes.redeem(shown, asking.address, asking.now)
    holder = await desk.accounts.find(redeemed.issued.account, desk.clock.today())
    if holder is None:
        raise TokenRefused("invalid_grant", "nobody may come in with this account")
    family = redeemed.issued.family
    access_token = await desk.issuing.access_token(
        holder, client.audience, asking.now, client=client.client_id, family=family
    )
    return TokenAnswer(
        access_token=access_token,
        expires_in=int(LIFETIME.total_seconds()),
        refresh_token=redeemed.issued.token,
        id_token=await desk.issuing.id_token(
            holder,
            client.client_id,
            asking.now,
            family=family,
            nonce=redeemed.nonce,
            signed_in_at=redeemed.signed_in_at,
            access_token=access_token,
        ),
    )
