"""The documents name what there is: words, accounts, ports, files."""

import re
from datetime import date
from pathlib import Path

import pytest

from contracts import writing
from contracts.intake import Pool
from contracts.reference import example_accounts, roles
from contracts.reference.organisations import planning_bodies
from deploy.stack import KAFKA_PORT, POSTGRES_PORT, PROCESSES
from services.intake.review.commands import Verdict
from services.intake.review.states import Stage
from tests.architecture.tree import ROOT, services

DOCUMENTS = sorted(
    {
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "contracts").glob("*.md"),
        *(ROOT / "services").glob("*/README.md"),
    }
)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def code_words(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def test_the_glossary_knows_every_event_with_its_class() -> None:
    words = code_words(GLOSSARY)
    for kind, fact in writing.facts().items():
        assert {kind, fact.__name__} <= words


def test_the_glossary_knows_every_service_room_and_view() -> None:
    words = code_words(GLOSSARY)
    for name, service in writing.services().items():
        assert {name, *service.tells, *(view.name for view in service.views)} <= words


def test_the_glossary_knows_every_role_by_its_name_in_the_reference_data() -> None:
    for role in roles():
        assert f"| `{role.code}` | {role.name} |" in GLOSSARY


def test_the_glossary_knows_every_state_pool_and_verdict() -> None:
    for word in (*Stage, *Pool):
        assert f"`{word.value}`" in GLOSSARY
    for verdict in Verdict:
        assert verdict.value in GLOSSARY


def test_an_entry_is_in_both_languages() -> None:
    for line in GLOSSARY.splitlines():
        if line.startswith("| ") and "中文" not in line:
            assert re.search(r"[\u4e00-\u9fff]", line), line
            assert re.search(r"[A-Za-z]{2}", line), line


def test_the_readme_names_accounts_that_exist_and_all_that_report_for_counties_and_groups() -> None:
    accounts = {account.username: account for account in example_accounts()}
    table = README.partition("| account | who |")[2].partition("\n\n")[0]
    named = {word for word in code_words(table) if word != "…"}
    assert named <= set(accounts)
    for role in ("county_reporter", "enterprise", "city_reviewer", "prov_reviewer"):
        of_planning = {body.id for body in planning_bodies(date(2019, 4, 22))} | {"D-DRC", "X-PRC"}
        expected = {
            name
            for name, account in accounts.items()
            if account.role == role and account.organisation in of_planning
        }
        assert expected <= named, role


def test_the_readme_names_every_port() -> None:
    for process in PROCESSES:
        assert f"| {process.port} | `{process.name}` |" in README
    assert f"| {POSTGRES_PORT} | PostgreSQL |" in README
    assert f"| {KAFKA_PORT} | Kafka |" in README


@pytest.mark.parametrize("service", services())
def test_every_service_has_its_page(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text("utf-8")
    for word in ("hears", "decides", "tells", "answers"):
        assert word in page.lower(), word


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
        assert target.startswith("http") or (document.parent / target).exists(), target


def test_every_decision_has_its_parts_and_stands_in_the_list() -> None:
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text("utf-8")
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert [path.name[:4] for path in decisions] == [
        f"{number:04d}" for number in range(1, len(decisions) + 1)
    ]
    for path in decisions:
        text = path.read_text("utf-8")
        assert f"({path.name})" in listed
        parts = ["Context", "Options", "Decision", "Consequences"]
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == parts, path
        assert "**Status**" in text


def test_the_page_on_security_names_tests_and_mutants_that_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    mutants = {path.stem for path in (ROOT / "tests" / "mutants").glob("*.patch")}
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    for word in re.findall(r"`([\w/.…]+)`", page):
        if word.endswith(".py") and "test" in word:
            found = (ROOT / word).exists() if "/" in word else word in files
            assert found or (ROOT / word).exists(), word
        elif word.startswith("test_"):
            assert any(f"def {word}(" in text for text in tests), word
        elif re.match(r"(token|page|error|limit|metrics|topic|journal|views_door)_\w+_\w+", word):
            assert word in mutants, word
