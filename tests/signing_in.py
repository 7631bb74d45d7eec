"""Signing in as a browser does that reads no pictures: from the console to the issuer and back."""

import html
import re

import httpx


def onward(answer: httpx.Response) -> str:
    """Read where a page leads by itself."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


async def type_in(
    browser: httpx.AsyncClient, page: str, username: str, password: str, **other: str
) -> httpx.Response:
    """Fill in the issuer's page at an address; give the answer, or what came in its place."""
    shown = await browser.get(page)
    if shown.status_code != httpx.codes.OK:
        return shown
    found = re.search(r'name="asked" value="([^"]+)"', shown.text)
    assert found, shown.text
    form = {"asked": html.unescape(found[1]), "username": username, "password": password}
    return await browser.post(str(httpx.URL(page).join("/sign-in")), data={**form, **other})


async def come_in(
    browser: httpx.AsyncClient,
    username: str,
    password: str,
    *,
    sign_in: str = "/sign-in",
    at_issuer: httpx.AsyncClient | None = None,
) -> str:
    """Sign in and give the address that the console then leads to.

    ``at_issuer`` is the same browser as the issuer sees it, where two clients stand for one.
    """
    page = onward(await browser.get(sign_in))
    back = await type_in(at_issuer or browser, page, username, password)
    assert back.status_code == httpx.codes.SEE_OTHER, back.text
    return onward(await browser.get(back.headers["location"]))
