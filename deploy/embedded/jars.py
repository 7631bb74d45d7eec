"""Kafka's jars: the committed list, fetched once into the shared cache, each checked by sha256.

Resolving at install time is left out on purpose: a resolver may pick another version of a
dependency than the one that was tested. Run as `python -m deploy.embedded.jars FOLDER` to fetch.
"""

import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("kafka-jars.txt")


class WrongJar(Exception):
    """A jar is not the one of the list."""


@dataclass(frozen=True)
class Jar:
    """One line of the list."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Return the name of the file in the class path."""
        return f"{self.artifact}-{self.version}.jar"


def listed_jars() -> list[Jar]:
    """Read the committed list."""
    return [Jar(*line.split()) for line in LIST.read_text().splitlines() if line]


def list_digest() -> str:
    """Name the list by its content: another list is another folder and another start-up cache."""
    return hashlib.sha256(LIST.read_bytes()).hexdigest()[:16]


def folder_in(cache: Path) -> Path:
    """Return where the jars of the present list lie."""
    return cache / f"kafka-{list_digest()}"


def wrong_jars(folder: Path) -> list[Jar]:
    """Return the jars that are missing or altered."""
    return [
        jar
        for jar in listed_jars()
        if not (path := folder / jar.file_name).is_file()
        or hashlib.sha256(path.read_bytes()).hexdigest() != jar.sha256
    ]


def fetch(folder: Path) -> None:
    """Fetch what is missing.

    Raises:
        WrongJar: what came is not what the list names.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415  only the fetching process pays for it

    folder.mkdir(parents=True, exist_ok=True)
    context = MavenContext(repo_cache=folder.parent / "maven", timeout=60)
    for jar in wrong_jars(folder):
        found = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        source = Path(found.resolve())
        if hashlib.sha256(source.read_bytes()).hexdigest() != jar.sha256:
            source.unlink()
            raise WrongJar(f"{jar.group}:{jar.artifact}:{jar.version}")
        partial = folder / f".{jar.file_name}"
        shutil.copyfile(source, partial)
        partial.rename(folder / jar.file_name)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
