"""Cookies that no script reads: named after a port, because cookies do not differ by it."""

from urllib.parse import urlsplit

from fastapi import Request, Response


def port_of(address: str) -> int | None:
    """Give the port that browsers use: several processes behind it share their cookies."""
    return urlsplit(address).port


class Cookies:
    """The names of a process's cookies, and how they are set."""

    def __init__(self, port: int, *, only_tls: bool = False) -> None:
        """Name the cookies after the port at which browsers find the process.

        With ``only_tls`` they are secure whatever this process sees of the way to the browser.
        """
        self._only_tls = only_tls
        self._port = port
        self.session = f"siku_session_{port}"
        self.said = f"siku_said_{port}"

    def signing_in(self, state: str) -> str:
        """Name what is remembered of one sign-in under way; each window has its own."""
        return f"siku_signing_in_{self._port}_{state[:16]}"

    def put(
        self,
        request: Request,
        answer: Response,
        name: str,
        value: str,
        seconds: int,
        *,
        lax: bool = False,
    ) -> None:
        """Set a cookie that no other site sends.

        A ``lax`` one is sent also where a link of another site leads here.
        """
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=True,
            samesite="lax" if lax else "strict",
            secure=self._only_tls or request.url.scheme == "https",
            path="/",
        )

    def drop(self, answer: Response, name: str) -> None:
        """Take a cookie back."""
        answer.delete_cookie(name, path="/", httponly=True, samesite="strict")
