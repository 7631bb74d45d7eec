"""The example accounts of a demonstration home: everybody may try them."""

from fastapi import FastAPI
from pydantic import BaseModel

from contracts import reference
from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.doors.desk import Desk
from shared.refusals import NotFound


class ExampleAnswer(BaseModel):
    """An account that everybody may try."""

    username: str
    name: str
    role: str
    role_name: str
    org: str
    org_name: str


class ExamplesAnswer(BaseModel):
    """The example accounts and the one password of them all."""

    password: str
    accounts: list[ExampleAnswer]


async def examples_of(desk: Desk) -> ExamplesAnswer:
    """Give the example accounts, with their units as they are called today."""
    names = {role.code: role.name for role in reference.roles()}
    units = await desk.register.names(desk.today)
    return ExamplesAnswer(
        password=EXAMPLE_PASSWORD,
        accounts=[
            ExampleAnswer(
                username=example.username,
                name=example.name,
                role=example.role,
                role_name=names[example.role],
                org=example.organisation,
                org_name=units.get(example.organisation, example.organisation),
            )
            for example in reference.example_accounts()
        ],
    )


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the list of example accounts."""

    @app.get("/accounts/examples")
    async def examples() -> ExamplesAnswer:
        if not desk.clock.demonstration:
            raise NotFound("没有这个地址。")
        return await examples_of(desk)
