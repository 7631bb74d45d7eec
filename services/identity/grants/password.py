"""User name and password of an example account, in a demonstration home and nowhere else.

The loaders of the example city, the tests and the bench act as many people at once and have no
browser; the accounts and their password are public. In a real home a password is typed on the
page of this issuer only, and a program has an account of its own.
"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from services.identity import passwords
from services.identity.accounts import Attempt
from services.identity.grants.asking import Asking, Desk, TokenAnswer, TokenForm
from services.identity.issuing import LIFETIME
from services.identity.oauth import TokenRefused
from services.identity.refusals import (
    AccountLocked,
    OneTimePasswordOver,
    PasswordMustBeChanged,
    WrongCredentials,
)


class Form(TokenForm):
    """Who comes in with which password, and for which service."""

    grant_type: Literal["password"]
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    password: Annotated[SecretStr, Field(min_length=1, max_length=passwords.LONGEST)]
    audience: Literal["identity", "approval_tracking", "intake", "console"]


async def grant(desk: Desk, form: Form, asking: Asking) -> TokenAnswer:
    """Give an access token for one audience, without a session behind it.

    Raises:
        TokenRefused: this is a real home, or nobody comes in with these.
    """
    if not desk.clock.demonstration:
        raise TokenRefused("unauthorized_client", "passwords are typed on the sign-in page only")
    attempt = Attempt(
        form.username,
        form.password.get_secret_value(),
        address=asking.address,
        now=asking.now,
        business_now=desk.clock.now(),
    )
    try:
        holder = await desk.accounts.sign_in(attempt)
    except (
        WrongCredentials,
        AccountLocked,
        PasswordMustBeChanged,
        OneTimePasswordOver,
    ) as refused:
        raise TokenRefused("invalid_grant", refused.code) from refused
    return TokenAnswer(
        access_token=await desk.issuing.access_token(holder, form.audience, asking.now),
        expires_in=int(LIFETIME.total_seconds()),
    )
