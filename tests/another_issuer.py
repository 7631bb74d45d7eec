"""An OpenID provider that is not ours: Authlib's server, RS256, and other names for every claim.

It keeps what it issued in memory and lets in whoever names himself.
"""

import json
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    AuthorizationServer,
    ClientMixin,
    InvalidRequestError,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, BaseGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.grants.base import TokenEndpointMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from fastapi import FastAPI, Request, Response
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "city"}, private=True)
PEOPLE = {
    "liu": {"post": "county_reporter", "unit": "JC-ZZ", "unit_name": "泽州县人民政府"},
    "wang": {"post": "city_reviewer", "unit": "D-DRC", "unit_name": "晋城市发展和改革委员会"},
}


@dataclass
class Client(ClientMixin):
    """The console, as this provider was told of it."""

    client_id: str
    secret: str
    redirect_uri: str
    issuer: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


@dataclass
class Issued(AuthorizationCodeMixin, TokenMixin):
    """A code or a refresh token, with what it was issued for."""

    user: str
    scope: str
    redirect_uri: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None

    def check_client(self, client: Client) -> bool:
        return True


@dataclass
class Provider(AuthorizationServer):
    """The provider: its address, its one client, and what it keeps."""

    url: str
    client: Client
    codes: dict[str, Issued] = field(default_factory=dict)
    refresh_tokens: dict[str, Issued] = field(default_factory=dict)
    exchanged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.register_token_generator("default", self.tokens)
        challenge = CodeChallenge(required=True)
        self.register_grant(CodeGrant, [OpenID(), challenge])
        self.register_grant(RefreshGrant)
        self.register_grant(ExchangeGrant)

    def query_client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def tokens(self, *, user: str, scope: str, include_refresh_token: bool, **_: Any) -> Any:
        """Make what a grant gives."""
        token = {
            "token_type": "Bearer",
            "access_token": self.signed("at+jwt", user, "console", 300),
            "expires_in": 300,
            "scope": scope,
        }
        if include_refresh_token:
            token["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[token["refresh_token"]] = Issued(user, scope)  # type: ignore[index]
        return token

    def signed(self, kind: str, user: str, audience: str, seconds: int) -> str:
        """Sign an access token in this provider's own words."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": [audience],
            "sub": f"person-{user}",
            "iat": now,
            "exp": now + seconds,
            "display": f"{user}（别处的账号）",
            # What our own issuer would say is noise here.
            "role": "admin",
            "org": "D-BDA",
            **PEOPLE[user],
        }
        return jwt.encode({"alg": "RS256", "kid": "city", "typ": kind}, claims, KEY, ["RS256"])

    def save_token(self, token: Any, request: OAuth2Request) -> None: ...

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None: ...

    def create_oauth2_request(self, request: "Asked") -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(text, status_code=status, headers=dict(headers))


class Asked(OAuth2Request):
    """What somebody asked of this provider, as Authlib reads it."""

    def __init__(self, request: Request, fields: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url), headers=dict(request.headers))
        self.headers = {"Authorization": request.headers.get("authorization", "")}
        self.payload = BasicOAuth2Payload(defaultdict(str, fields))
        self._fields = fields

    @property
    def args(self) -> dict[str, str]:
        return self._fields

    @property
    def form(self) -> dict[str, str]:
        return self._fields


class CodeGrant(AuthorizationCodeGrant):
    """Codes, kept in memory."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        self.server.codes[code] = Issued(
            request.user,
            request.payload.scope,
            request.payload.redirect_uri,
            asked["nonce"],
            asked["code_challenge"],
            asked["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Issued | None:
        found: Issued | None = self.server.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: Issued) -> None:
        codes = self.server.codes
        self.server.codes = {one: kept for one, kept in codes.items() if kept != authorization_code}

    def authenticate_user(self, authorization_code: Issued) -> str:
        return authorization_code.user


class OpenID(OpenIDCode):
    """ID tokens."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return KEY

    def get_client_algorithm(self, client: Client) -> str:
        return "RS256"

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": client.issuer, "aud": [client.client_id]}

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": "city"}

    def generate_user_info(self, user: str, scope: str) -> Any:
        return UserInfo(sub=f"person-{user}")


class RefreshGrant(RefreshTokenGrant):
    """Refresh tokens that are followed by another."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Issued | None:
        found: Issued | None = self.server.refresh_tokens.get(refresh_token)
        return found

    def authenticate_user(self, refresh_token: Issued) -> str:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Issued) -> None:
        kept = self.server.refresh_tokens
        self.server.refresh_tokens = {n: one for n, one in kept.items() if one is not refresh_token}


class ExchangeGrant(BaseGrant, TokenEndpointMixin):
    """RFC 8693, which Authlib leaves to whoever needs it."""

    GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()
        shown = jwt.decode(self.request.form["subject_token"], KEY, ["RS256"]).claims
        if shown["aud"] != ["console"]:
            raise InvalidRequestError
        self.request.user = str(shown["sub"]).removeprefix("person-")

    def create_token_response(self) -> Any:
        audience = self.request.form["audience"]
        self.server.exchanged.append(audience)
        kind = "urn:ietf:params:oauth:token-type:access_token"
        token = {
            "access_token": self.server.signed("at+jwt", self.request.user, audience, 60),
            "issued_token_type": kind,
            "token_type": "Bearer",
            "expires_in": 60,
        }
        return 200, token, self.TOKEN_RESPONSE_HEADER


def app_of(provider: Provider) -> FastAPI:
    """Put the provider behind addresses that only its description names."""
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def description() -> dict[str, str]:
        return {
            "issuer": provider.url,
            "authorization_endpoint": f"{provider.url}/oauth2/auth",
            "token_endpoint": f"{provider.url}/oauth2/tokens",
            "jwks_uri": f"{provider.url}/oauth2/certs",
        }

    @app.get("/oauth2/certs")
    async def keys() -> Any:
        return KeySet([KEY]).as_dict(private=False)

    @app.get("/oauth2/auth")
    async def authorize(request: Request) -> Response:
        """Let in whoever the cookie of this provider names, or the header of a test."""
        user = request.cookies.get("city_person") or request.headers.get("x-city-person")
        asked = Asked(request, dict(request.query_params))
        grant = provider.get_consent_grant(asked, user)
        answer: Response = provider.create_authorization_response(asked, user, grant)
        return answer

    @app.post("/oauth2/tokens")
    async def token(request: Request) -> Response:
        fields = {name: str(value) for name, value in (await request.form()).items()}
        answer: Response = provider.create_token_response(Asked(request, fields))
        return answer

    return app
