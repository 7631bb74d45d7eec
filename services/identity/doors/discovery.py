"""What this issuer says of itself, and its public keys."""

from datetime import UTC, datetime

from fastapi import FastAPI, Response
from pydantic import BaseModel

from services.identity.doors.desk import Desk
from services.identity.doors.token import GRANTS
from services.identity.grants import password
from services.identity.signing import ALGORITHM
from shared.issuer import DISCOVERY


class Description(BaseModel):
    """OpenID Connect Discovery 1.0, 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    response_types_supported: list[str] = ["code"]
    response_modes_supported: list[str] = ["query"]
    grant_types_supported: list[str]
    subject_types_supported: list[str] = ["public"]
    id_token_signing_alg_values_supported: list[str] = [ALGORITHM]
    token_endpoint_auth_methods_supported: list[str] = [
        *("client_secret_basic", "client_secret_post")
    ]
    code_challenge_methods_supported: list[str] = ["S256"]
    scopes_supported: list[str] = ["openid"]
    claims_supported: list[str] = [
        *("iss", "aud", "sub", "exp", "iat", "auth_time", "nonce", "at_hash", "sid"),
        *("name", "preferred_username", "role", "org", "org_name"),
    ]
    authorization_response_iss_parameter_supported: bool = True


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses that everybody may read."""

    @app.get(DISCOVERY, tags=["openid"], summary="签发者说明")
    async def description(response: Response) -> Description:
        response.headers["Cache-Control"] = "public, max-age=60"
        issuer = desk.issuing.issuer
        grants = [
            name
            for name, grant in GRANTS.items()
            if grant is not password or desk.clock.demonstration
        ]
        return Description(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
            end_session_endpoint=f"{issuer}/end-session",
            grant_types_supported=grants,
        )

    @app.get("/jwks", tags=["openid"], summary="验签公钥")
    async def jwks(response: Response) -> dict[str, list[dict[str, object]]]:
        response.headers["Cache-Control"] = "public, max-age=60"
        return {"keys": await desk.keys.published(datetime.now(UTC))}
