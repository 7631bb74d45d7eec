"""A client's own access token is exchanged for one that a single service takes (RFC 8693).

Whoever stands in for somebody absent says for whom with ``act_for``. In the words of the RFC the
substitute stays the subject, because the act is his and he answers for it; the absent one is only
whose post he acts from, and has no token that could be shown as a second one.
"""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.identity.grants.asking import Asking, Desk, TokenAnswer, TokenForm
from services.identity.oauth import TokenRefused
from services.identity.refusals import NotASubstitute

LIFETIME = timedelta(seconds=60)
AccessToken = Literal["urn:ietf:params:oauth:token-type:access_token"]
ACCESS_TOKEN: AccessToken = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105


class Form(TokenForm):
    """The client's own access token, and for whom another one is wanted."""

    grant_type: Literal["urn:ietf:params:oauth:grant-type:token-exchange"]
    subject_token: Annotated[str, Field(max_length=4096)]
    subject_token_type: AccessToken
    requested_token_type: AccessToken = ACCESS_TOKEN
    audience: Annotated[str, Field(max_length=64)]
    act_for: UUID | None = None


async def grant(desk: Desk, form: Form, asking: Asking) -> TokenAnswer:
    """Give an access token of a minute for one audience.

    Raises:
        TokenRefused: the client or its token does not hold, the audience is not for this client,
            or nobody is stood in for today.
    """
    client = desk.clients.proven(asking.authorization)
    if form.audience not in client.exchanges:
        raise TokenRefused("invalid_target", "no such audience for this client")
    # RFC 8693 2.2.2: a subject token that does not hold is an invalid request.
    subject = await desk.issuing.subject(
        form.subject_token, client.client_id, client.audience, asking.now
    )
    if subject is None:
        raise TokenRefused("invalid_request", "the subject token does not hold (any longer)")
    # A token outlives its session by minutes; what is exchanged for it must not.
    account = await desk.families.account_of(subject.family, client.client_id, asking.now)
    today = desk.clock.today()
    holder = await desk.accounts.find(account, today) if account == subject.account else None
    if holder is None:
        raise TokenRefused("invalid_request", "the session of the subject token has ended")
    if form.act_for is not None:
        try:
            holder = await desk.accounts.in_place_of(holder, form.act_for, today)
        except NotASubstitute as refused:
            raise TokenRefused("invalid_request", "stands in for nobody of that name") from refused
    return TokenAnswer(
        access_token=await desk.issuing.access_token(
            holder, form.audience, asking.now, client=client.client_id, lifetime=LIFETIME
        ),
        expires_in=int(LIFETIME.total_seconds()),
        issued_token_type=ACCESS_TOKEN,
    )
