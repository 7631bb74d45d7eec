"""Identity's doors put together: tokens and pages for signing in, then what is administered."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from services.identity.doors import (
    accounts,
    audit,
    discovery,
    examples,
    machines,
    organisations,
    own,
    sign_in,
    sign_out,
    substitutes,
    token,
)
from services.identity.doors.desk import Desk
from services.identity.doors.forms import LABELS
from services.identity.doors.pages import FOLDER, Pages, form_action, is_page
from shared.guarding import Guard
from shared.service import Runtime

__all__ = ["LABELS", "add_routes"]


def add_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add identity's addresses to the application."""
    desk = Desk(runtime)
    pages = Pages(runtime)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    for pair in (sign_in, sign_out):
        pair.routes(app, desk, pages)
    # The examples have their address before any account has one.
    for doors in (
        *(discovery, token, examples),
        *(accounts, machines, substitutes, organisations, own, audit),
    ):
        doors.routes(app, desk)
    app.add_middleware(Guard, pages=is_page, form_action=form_action(runtime.settings.clients))
