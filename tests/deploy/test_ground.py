"""What is installed is locked by hash, and no file of ours says where it came from."""

import hashlib
import json
import re

import pytest

from deploy import assets
from deploy.embedded import jars
from deploy.embedded.launcher import ROOT

LOCKS = tuple(f"requirements{part}.txt" for part in ("", "-dev", "-node", "-go"))


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--index-url|--find-links", text)
    requirements = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^#.*\n", "", text))
    assert len(requirements) == len(re.findall(r"(?m)^[a-z0-9._-]+==", text)) > 0
    assert all("--hash=sha256:" in requirement for requirement in requirements)


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_whatever_is_installed_is_compared_with_its_hash(name: str) -> None:
    installs = re.findall(r"(?m)^.*pip (?:install|sync) .*$", (ROOT / name).read_text())
    # The project itself is the one thing that is not fetched.
    fetched = [
        line for line in installs if "--no-deps --no-build-isolation --editable ." not in line
    ]
    assert fetched
    assert [line for line in fetched if "--require-hashes" not in line] == []


def test_the_development_lock_holds_what_runs_in_production() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^([a-z0-9._-]+==[^ ;]+)", (ROOT / name).read_text()))

    assert pins("requirements.txt") < pins("requirements-dev.txt")


def test_browser_packages_are_locked_by_content() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_every_browser_file_is_the_reviewed_one() -> None:
    listed = assets.listed()
    assert set(listed) == set(assets.wanted())
    for name, digest in listed.items():
        found = (assets.VENDOR / name).read_bytes()
        assert hashlib.sha256(found).hexdigest() == digest, name


def test_every_jar_of_kafka_is_listed_once_with_its_hash() -> None:
    listed = jars.listed_jars()
    assert len({jar.file_name for jar in listed}) == len(listed)
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in listed)
    names = {jar.artifact for jar in listed}
    # Without a binding the broker logs nothing and dies in silence.
    assert {"kafka_2.13", "kafka-clients", "log4j-slf4j-impl"} <= names


def test_the_gate_is_check_and_test() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make check test"
