"""How this issuer's own pages are filled, and which addresses are pages."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from shared.clock import SHANGHAI
from shared.cookies import Cookies, port_of
from shared.service import Runtime
from shared.settings import Client

FOLDER = Path(__file__).parent.parent
_PAGES = frozenset({"/authorize", "/sign-in", "/end-session"})


def is_page(path: str) -> bool:
    """Tell whether somebody looks at what is at an address."""
    return path in _PAGES or path.startswith("/static/")


def form_action(clients: Iterable[Client]) -> str:
    """Name the origins to which signing in leads back: browsers follow no form to any other."""
    parts = [urlsplit(uri) for client in clients for uri in client.redirect_uris]
    return " ".join(dict.fromkeys(f"{one.scheme}://{one.netloc}" for one in parts))


class Pages:
    """Templates that escape whatever they are given and know every name they use."""

    def __init__(self, runtime: Runtime) -> None:
        """Bind to the running process."""
        settings = runtime.settings
        port = port_of(settings.issuer_url) or settings.port
        self.cookies = Cookies(port, only_tls=settings.only_tls)
        self._clock = runtime.clock
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(
        self, request: Request, template: str, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        """Fill a template."""
        page = self._templates.get_template(template).render(
            nonce=request.state.nonce,
            demonstration=self._clock.demonstration,
            clock_time=_moment(self._clock.now()),
            **context,
        )
        return HTMLResponse(page, status_code=status)

    def say(self, request: Request, title: str, text: str, *, status: int = 200) -> HTMLResponse:
        """Say one thing."""
        return self.show(request, "said.html", status=status, title=title, text=text, leave=False)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
