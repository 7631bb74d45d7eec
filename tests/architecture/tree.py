"""What the tests of the tree read: modules as syntax trees, rooms, wiring."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
SERVICES = ROOT / "services"


def services() -> list[str]:
    """Name every service, templates aside."""
    return sorted(p.parent.name for p in SERVICES.glob("*/main.py") if p.parent.name[0] != "_")


def rooms() -> list[Path]:
    """Every file that decides: the rooms, and modules beside them that put rooms together."""
    folders = {path.parent for path in SERVICES.glob("*/*/decider.py")}
    inside = [path for folder in folders for path in folder.rglob("*.py")]
    beside = [p for p in SERVICES.glob("*/*.py") if "Decider" in names_in(parsed(p))]
    return sorted({*inside, *(p for p in beside if p.name != "wiring.py")})


def parsed(path: Path) -> ast.Module:
    """Read a file as a syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def names_in(tree: ast.AST) -> set[str]:
    """Every name that a tree mentions."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def modules(*packages: str) -> Iterator[ModuleType]:
    """Import every module of the packages, entry points of processes aside."""
    for package in packages:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            yield importlib.import_module(found.name)


def wiring_of(service: str) -> ModuleType | None:
    """Give a service's tables, or None when it has none."""
    path = SERVICES / service / "wiring.py"
    return importlib.import_module(f"services.{service}.wiring") if path.exists() else None
