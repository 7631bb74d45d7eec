"""Only tokens that the issuer signed, for this service, for now, say who somebody is."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.issuer import DISCOVERY, ClaimNames, Issuer
from shared.refusals import NotSignedIn, Unavailable
from shared.tokens import LEEWAY, Actor, Verifier, actor_of

ISSUER = "http://identity"
AUDIENCE = "intake"


def new_key(kid: str) -> ECKey:
    pair = ECKey.generate_key("P-256", private=True).as_dict(private=True)
    return ECKey.import_key({**pair, "kid": kid})


@dataclass
class Publisher:
    """Publishes its keys and counts how often it is asked for them."""

    key: ECKey
    asked: list[str] = field(default_factory=list)
    down: bool = False
    calls_itself: str = ISSUER

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down")
        if request.url.path == DISCOVERY:
            doors = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            said = dict.fromkeys(doors, f"{ISSUER}/jwks")
            return httpx.Response(200, json={"issuer": self.calls_itself, **said})
        self.asked.append(str(request.url))
        return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})

    def verifier(self) -> Verifier:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return Verifier(Issuer(ISSUER, http=http), AUDIENCE)


@pytest.fixture
def issuer() -> Publisher:
    return Publisher(new_key("one"))


def claims(**other: object) -> dict[str, object]:
    now = int(time.time())
    said: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "0190-account",
        "iat": now,
        "exp": now + 300,
        "name": "泽州县报送员",
        "role": "county_reporter",
        "org": "JC-ZZ",
        "org_name": "泽州县人民政府",
    }
    said |= other
    return {name: value for name, value in said.items() if value is not None}


def signed(key: ECKey, header: dict[str, object] | None = None, /, **other: object) -> str:
    whole = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt", **(header or {})}
    said = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(said, claims(**other), key, algorithms=["ES256"])


def forged(header: object, body: object, signature: bytes = b"") -> str:
    return ".".join((encoded(json.dumps(header)), encoded(json.dumps(body)), encoded(signature)))


def encoded(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def refused(verifier: Verifier, token: str) -> None:
    with pytest.raises(NotSignedIn):
        await verifier.verify(token)


async def test_a_token_of_the_issuer_tells_who_is_asking(issuer: Publisher) -> None:
    assert await issuer.verifier().verify(signed(issuer.key)) == Actor(
        account="0190-account",
        name="泽州县报送员",
        role="county_reporter",
        org="JC-ZZ",
        org_name="泽州县人民政府",
    )


async def test_the_keys_are_fetched_once_for_many_tokens(issuer: Publisher) -> None:
    verifier = issuer.verifier()
    await asyncio.gather(*(verifier.verify(signed(issuer.key)) for _ in range(50)))
    assert issuer.asked == ["http://identity/jwks"]


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_a_token_without_a_signature_is_refused(issuer: Publisher, algorithm: str) -> None:
    header = {"alg": algorithm, "kid": issuer.key.kid, "typ": "at+jwt"}
    await refused(issuer.verifier(), forged(header, claims()))


async def test_a_signature_cut_off_is_refused(issuer: Publisher) -> None:
    head, body, _ = signed(issuer.key).split(".")
    await refused(issuer.verifier(), f"{head}.{body}.")


@pytest.mark.parametrize("spelling", ["pem", "json", "x"])
async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    issuer: Publisher, spelling: str
) -> None:
    public = issuer.key.as_dict(private=False)
    secret = {
        "pem": issuer.key.as_pem(private=False),
        "json": json.dumps(public).encode(),
        "x": str(public["x"]).encode(),
    }[spelling]
    header = {"alg": "HS256", "kid": issuer.key.kid, "typ": "at+jwt"}
    signing_input = forged(header, claims()).rpartition(".")[0]
    mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    await refused(issuer.verifier(), f"{signing_input}.{encoded(mac)}")


async def test_another_algorithm_is_refused_even_with_a_published_kid(issuer: Publisher) -> None:
    pair = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS256", "kid": issuer.key.kid, "typ": "at+jwt"}
    token = jwt.encode(header, claims(), pair, algorithms=["RS256"])
    await refused(issuer.verifier(), token)


@pytest.mark.parametrize("pointer", ["jku", "x5u"])
async def test_keys_at_an_address_that_the_token_names_are_never_fetched(
    issuer: Publisher, pointer: str
) -> None:
    foreign = new_key("one")
    verifier = issuer.verifier()
    await refused(verifier, signed(foreign, {pointer: "http://attacker/jwks"}))
    assert issuer.asked == ["http://identity/jwks"]


async def test_a_key_that_the_token_brings_along_is_not_used(issuer: Publisher) -> None:
    foreign = new_key("one")
    await refused(issuer.verifier(), signed(foreign, {"jwk": foreign.as_dict(private=False)}))


async def test_a_flood_of_unknown_keys_asks_the_issuer_once(issuer: Publisher) -> None:
    verifier = issuer.verifier()
    flood = [signed(new_key(f"unknown-{n}")) for n in range(30)]
    answers = await asyncio.gather(*(verifier.verify(t) for t in flood), return_exceptions=True)
    assert {type(answer) for answer in answers} == {NotSignedIn}
    assert len(issuer.asked) == 1
    assert (await verifier.verify(signed(issuer.key))).org == "JC-ZZ"
    assert len(issuer.asked) == 1


async def test_a_token_without_a_kid_is_refused(issuer: Publisher) -> None:
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims(), issuer.key)
    await refused(issuer.verifier(), token)


async def test_a_changed_claim_breaks_the_signature(issuer: Publisher) -> None:
    head, _, signature = signed(issuer.key).split(".")
    body = encoded(json.dumps(claims(role="prov_reviewer")))
    await refused(issuer.verifier(), f"{head}.{body}.{signature}")


async def test_a_token_for_another_service_is_refused(issuer: Publisher) -> None:
    await refused(issuer.verifier(), signed(issuer.key, aud="console"))


async def test_a_token_of_another_issuer_is_refused(issuer: Publisher) -> None:
    await refused(issuer.verifier(), signed(issuer.key, iss="elsewhere"))


@pytest.mark.parametrize("kind", ["JWT", "id_token", None])
async def test_a_token_of_another_kind_is_refused(issuer: Publisher, kind: str | None) -> None:
    await refused(issuer.verifier(), signed(issuer.key, {"typ": kind}))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "role", "org"])
async def test_a_token_that_leaves_a_claim_out_is_refused(issuer: Publisher, claim: str) -> None:
    await refused(issuer.verifier(), signed(issuer.key, **{claim: None}))


async def test_a_token_ends_with_its_last_second_and_a_little_leeway(issuer: Publisher) -> None:
    now = int(time.time())
    await issuer.verifier().verify(signed(issuer.key, exp=now - LEEWAY + 5))
    await refused(issuer.verifier(), signed(issuer.key, exp=now - LEEWAY - 1))
    assert LEEWAY <= 30


async def test_a_token_that_begins_in_the_future_is_refused(issuer: Publisher) -> None:
    later = int(time.time()) + LEEWAY + 5
    await refused(issuer.verifier(), signed(issuer.key, iat=later))
    await refused(issuer.verifier(), signed(issuer.key, nbf=later))


async def test_without_the_issuer_nothing_can_be_said(issuer: Publisher) -> None:
    issuer.down = True
    verifier = issuer.verifier()
    with pytest.raises(Unavailable):
        await verifier.verify(signed(issuer.key))
    issuer.down = False
    assert (await verifier.verify(signed(issuer.key))).org == "JC-ZZ"


async def test_known_keys_go_on_holding_while_the_issuer_is_down(issuer: Publisher) -> None:
    verifier = issuer.verifier()
    await verifier.verify(signed(issuer.key))
    issuer.down = True
    assert (await verifier.verify(signed(issuer.key))).org == "JC-ZZ"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic eDp5", "token"])
async def test_a_request_without_a_bearer_token_is_not_signed_in(
    issuer: Publisher, authorization: str | None
) -> None:
    app = FastAPI()

    @app.get("/")
    async def who(request: Request) -> str:
        with pytest.raises(NotSignedIn):
            await actor_of(request)
        return "refused"

    headers = {} if authorization is None else {"authorization": authorization}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        assert (await http.get("/", headers=headers)).json() == "refused"
    assert issuer.asked == []


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "x",
        "a.b.c",
        "e30.e30.",
        forged([], {}),
        forged("text", {}),
        forged(None, {}),
        forged({"alg": "ES256", "kid": None, "typ": "at+jwt"}, {}),
        forged({"alg": "ES256", "kid": {"a": 1}, "typ": "at+jwt"}, {}),
        forged({"alg": "ES256", "kid": "one", "typ": "at+jwt"}, []),
        forged({"alg": "ES256", "kid": "one", "typ": "at+jwt", "crit": ["x"], "x": 1}, {}),
        forged({"alg": "ES256", "kid": "one", "typ": "at+jwt", "b64": False}, {}),
        forged({"alg": ["ES256"], "kid": "one", "typ": "at+jwt"}, {}, b"x"),
        forged({"kid": "one"}, {}, b"x"),
        "令牌",
        "\ud800",
    ],
)
async def test_what_is_no_token_is_refused_and_breaks_nothing(
    issuer: Publisher, token: str
) -> None:
    await refused(issuer.verifier(), token)


@given(st.text(max_size=40), st.text(max_size=40), st.binary(max_size=80))
def test_no_text_at_all_passes_for_a_token(head: str, body: str, signature: bytes) -> None:
    async def attempt() -> None:
        issuer = Publisher(ONE)
        verifier = issuer.verifier()
        for token in (f"{head}.{body}.x", forged(head, body, signature)):
            await refused(verifier, token)

    asyncio.run(attempt())


ONE = new_key("one")


async def test_an_issuer_that_calls_itself_otherwise_is_not_the_one_that_is_believed(
    issuer: Publisher,
) -> None:
    issuer.calls_itself = "http://elsewhere"
    with pytest.raises(Unavailable):
        await issuer.verifier().verify(signed(issuer.key))


async def test_services_reach_the_issuer_by_an_address_that_browsers_do_not_know(
    issuer: Publisher,
) -> None:
    issuer.calls_itself = "https://login.city.test"
    http = httpx.AsyncClient(transport=httpx.MockTransport(issuer.answer))
    known = Issuer("https://login.city.test", inside="http://identity", http=http)
    token = signed(issuer.key, iss="https://login.city.test")
    assert (await Verifier(known, AUDIENCE).verify(token)).org == "JC-ZZ"
    assert known.reached("https://login.city.test/token") == "http://identity/token"
    assert known.reached("https://login.city.testing/token") == "https://login.city.testing/token"
    with pytest.raises(NotSignedIn):
        await Verifier(known, AUDIENCE).verify(signed(issuer.key))


@pytest.mark.parametrize("algorithms", [["none"], ["HS256"], ["ES256", "HS512"], []])
def test_no_issuer_signs_with_a_secret_or_not_at_all(algorithms: list[str]) -> None:
    with pytest.raises(ValueError, match="no signature"):
        Issuer(ISSUER, algorithms=algorithms)


async def test_another_issuer_calls_its_claims_by_other_names(issuer: Publisher) -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(issuer.answer))
    names = ClaimNames(role="post", org="unit", org_name="unit_name", name="display")
    verifier = Verifier(Issuer(ISSUER, names=names, http=http), AUDIENCE)
    said = {"post": "county_reporter", "unit": "JC-ZZ", "role": "admin", "org": "D-BDA"}
    actor = await verifier.verify(signed(issuer.key, **said))
    assert (actor.role, actor.org) == ("county_reporter", "JC-ZZ")
    await refused(verifier, signed(issuer.key))


@pytest.mark.parametrize("value", [["admin"], {"a": 1}, 7, "", True])
@pytest.mark.parametrize("claim", ["sub", "role", "org"])
async def test_a_claim_that_is_no_word_names_nobody(
    issuer: Publisher, claim: str, value: object
) -> None:
    await refused(issuer.verifier(), signed(issuer.key, **{claim: value}))


async def test_an_id_token_that_calls_itself_an_access_token_is_none(issuer: Publisher) -> None:
    await refused(issuer.verifier(), signed(issuer.key, nonce="n"))
