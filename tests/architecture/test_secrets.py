"""No key, password or token lies in the tree, and none gets into a log by a side door."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[\w-]{12,}\.eyJ[\w-]{12,}\."
    r"|\"d\":\s*\"[\w-]{40,}\""
    r"|://[^\s:/@{}$<>\"']+:(?!test@|p@)[^\s:/@{}$<>\"'…]{6,}@[\w\[]"
    r"|\bAKIA[0-9A-Z]{16}\b"
)
# What somebody else wrote and what is made anew on each machine.
LEFT_OUT = {"node_modules", "vendor", "build", "__pycache__", ".git", ".venv"}


def texts() -> Iterator[Path]:
    """Give every file of ours that holds text."""
    for part in (*ROOT.glob("*.*"), ROOT / "Makefile", ROOT / "Dockerfile", ROOT / ".ci" / "run"):
        if part.is_file():
            yield part
    for folder in ("contracts", "services", "shared", "deploy", "examples", "docs", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not LEFT_OUT & set(path.parts):
                yield path


def test_no_secret_lies_in_the_tree() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in texts()
        if path != Path(__file__) and SECRET.search(path.read_text("utf-8", "ignore"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN EC PRIVATE KEY-----",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ6ZXpob3UifQ.c2lnbmF0dXJl",
        '{"kty": "EC", "d": "' + "x" * 43 + '"}',
        "postgresql://svc_intake:4f7a9c0e11@postgres/siku_intake",
    ],
)
def test_a_secret_would_be_found(text: str) -> None:
    assert SECRET.search(text)


def test_nobody_writes_a_second_line_into_the_log() -> None:
    """Whatever a visitor sends stays inside its own JSON line, colours and line ends included."""
    program = (
        "import structlog; from shared.running import set_up_logs; set_up_logs('test', 'web'); "
        "structlog.get_logger().info('request', path='/\\n{\"event\": \"forged\"}\\x1b[31m\\u2028')"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert len(said.rstrip("\n").split("\n")) == 1
    assert "\x1b" not in said
    assert json.loads(said)["event"] == "request"
