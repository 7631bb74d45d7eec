"""The keys that sign tokens: published, changed in time, never shown."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.signing import AHEAD, ALGORITHM, SIGNS_FOR, SigningKeys
from tests.identity.conftest import Office, OpenOffice

INSTANT = timedelta(microseconds=1)


async def test_published_keys_hold_no_private_half(office: Office) -> None:
    reply = await office.http.get("/jwks")
    assert reply.headers["cache-control"] == "public, max-age=60"
    (key,) = reply.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")


async def test_the_key_outlives_the_process(open_office: OpenOffice) -> None:
    async with open_office() as before:
        first = (await before.http.get("/jwks")).json()
    async with open_office() as after:
        assert (await after.http.get("/jwks")).json() == first


async def test_two_processes_that_start_together_make_one_key(office: Office) -> None:
    now = datetime.now(UTC)
    one, other = SigningKeys(office.pool), SigningKeys(office.pool)
    assert await one.published(now) == await other.published(now)
    assert await office.pool.fetchval("select count(*) from identity.signing_keys") == 1


async def test_a_token_names_its_key_its_kind_and_all_its_claims(office: Office) -> None:
    answer = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()
    keys = KeySet.import_key_set((await office.http.get("/jwks")).json())
    token = jwt.decode(answer["access_token"], keys, algorithms=[ALGORITHM])
    assert token.header == {"alg": "ES256", "kid": keys.keys[0].kid, "typ": "at+jwt"}
    claims = token.claims
    assert set(claims) == {
        "iss", "aud", "sub", "exp", "iat", "jti", "role", "org", "org_name", "name",
    }  # fmt: skip
    assert (claims["iss"], claims["aud"]) == ("http://identity", "intake")
    assert claims["exp"] - claims["iat"] == 300
    # Real time, although business time in this home is 2019.
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 5


async def test_the_next_key_is_published_a_day_before_it_signs(office: Office) -> None:
    keys, now = SigningKeys(office.pool), datetime.now(UTC)
    first = kids(await keys.published(now))
    begins = await office.pool.fetchval("select min(signs_from) from identity.signing_keys")
    change = begins + SIGNS_FOR
    assert kids(await keys.published(change - AHEAD - INSTANT)) == first
    both = kids(await keys.published(change - AHEAD))
    assert both[0] == first[0]
    assert len(both) == 2
    assert signed_by(await keys.sign("JWT", {"sub": "x"}, change - INSTANT)) == both[0]
    assert signed_by(await keys.sign("JWT", {"sub": "x"}, change)) == both[1]


async def test_the_last_key_stays_published_a_day_and_is_then_destroyed(office: Office) -> None:
    keys, now = SigningKeys(office.pool), datetime.now(UTC)
    first = kids(await keys.published(now))
    begins = await office.pool.fetchval("select min(signs_from) from identity.signing_keys")
    gone = begins + SIGNS_FOR + AHEAD
    assert first[0] in kids(await keys.published(gone - INSTANT))
    assert first[0] not in kids(await keys.published(gone))
    await SigningKeys(office.pool).published(gone)
    assert first[0] not in {
        row["kid"] for row in await office.pool.fetch("select kid from identity.signing_keys")
    }


async def test_after_a_long_rest_there_is_a_key_that_signs_now(office: Office) -> None:
    keys = SigningKeys(office.pool)
    later = datetime.now(UTC) + timedelta(days=400)
    assert signed_by(await keys.sign("JWT", {"sub": "x"}, later)) in kids(
        await keys.published(later)
    )


@pytest.mark.parametrize("address", ["/jwks", "/metrics", "/readyz"])
async def test_no_address_shows_the_private_half(office: Office, address: str) -> None:
    private = json.loads(
        await office.pool.fetchval("select private_key from identity.signing_keys")
    )
    reply = await office.http.get(address)
    assert reply.status_code == 200
    assert private["d"] not in reply.text


def kids(keys: list[dict[str, object]]) -> list[object]:
    return [key["kid"] for key in keys]


def signed_by(token: str) -> object:
    header, _, _ = token.partition(".")
    return json.loads(urlsafe_b64decode(header + "=="))["kid"]
