"""The wires between processes and servers, which can be cut, silenced, slowed and torn."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.embedded.children import spawn
from deploy.embedded.launcher import ROOT
from deploy.embedded.ports import LOOPBACK

PROGRAM = ROOT / "build" / "toxiproxy"

# Toxiproxy's names and attributes for what a wire can suffer; both directions suffer alike.
TOXICS: dict[str, list[dict[str, Any]]] = {
    "silent": [{"type": "timeout", "attributes": {"timeout": 0}}],
    "slow": [
        {"type": "latency", "attributes": {"latency": 150, "jitter": 100}},
        {"type": "bandwidth", "attributes": {"rate": 128}},
    ],
    "reset": [{"type": "reset_peer", "attributes": {"timeout": 50}}],
}


class NoProxy(Exception):
    """The proxy was not built or does not start."""


class Links:
    """One proxy for each wire, by the name of the wire, as an async context manager."""

    def __init__(self, port: int, wires: Mapping[str, tuple[int, int]], log: Path) -> None:
        """Describe the wires: where each listens, and the port that it leads to."""
        self._port = port
        self._wires = dict(wires)
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{port}", trust_env=False, timeout=5
        )

    async def __aenter__(self) -> Self:
        """Start the proxy and lay the wires.

        Raises:
            NoProxy: it was not built or does not answer.
        """
        if not PROGRAM.exists():
            raise NoProxy(f"{PROGRAM} is missing; `make build/toxiproxy` builds it")
        command = [str(PROGRAM), "-host", LOOPBACK, "-port", str(self._port)]
        self._process = await spawn(command, {"LOG_LEVEL": "error"}, self._log)
        for _ in range(200):
            try:
                await self._http.get("/version")
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
        else:
            raise NoProxy(self._log.read_text(errors="replace")[-2000:])
        laid = [
            {"name": name, "listen": f"{LOOPBACK}:{listen}", "upstream": f"{LOOPBACK}:{to}"}
            for name, (listen, to) in self._wires.items()
        ]
        (await self._http.post("/populate", json=laid)).raise_for_status()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the proxy."""
        await self._http.aclose()
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def hurt(self, wire: str, how: str) -> None:
        """Let a wire suffer until it is healed: ``cut``, or one of the toxics."""
        if how == "cut":
            await self._post(f"/proxies/{wire}", {"enabled": False})
            return
        for toxic in TOXICS[how]:
            for stream in ("upstream", "downstream"):
                name = f"{toxic['type']}-{stream}"
                await self._post(
                    f"/proxies/{wire}/toxics", {**toxic, "name": name, "stream": stream}
                )

    async def heal(self, wire: str) -> None:
        """Make a wire whole again."""
        await self._post(f"/proxies/{wire}", {"enabled": True})
        found = await self._http.get(f"/proxies/{wire}/toxics")
        for toxic in found.json():
            await self._http.delete(f"/proxies/{wire}/toxics/{toxic['name']}")

    async def _post(self, path: str, body: Mapping[str, Any]) -> None:
        (await self._http.post(path, json=body)).raise_for_status()
