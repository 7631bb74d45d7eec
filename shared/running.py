"""Runs one part of a service as a process: ``python -m shared.running intake web``."""

import importlib
import io
import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
import uvicorn

from shared.collecting import collect_seldom
from shared.redacting import redact
from shared.service import Service, app_of
from shared.settings import Settings

log = structlog.get_logger()

# Without local variables: they would carry what people typed into the log.
_tracebacks = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
_written: tuple[Any, ...] = (
    _tracebacks,
    redact,
    structlog.processors.JSONRenderer(ensure_ascii=False),
)


def set_up_logs(service: str, part: str) -> None:
    """Write every log line, ours and the libraries', as one JSON object on standard output."""
    # A process that ends in the middle must not take its last words with it.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_process(service, part),
    ]
    structlog.configure(
        processors=[
            *shared,
            *_written,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # aiokafka reports each heartbeat that a rebalance interrupts; our own health tells more.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)


def _name_process(service: str, part: str) -> Callable[[Any, str, dict[str, Any]], dict[str, Any]]:
    def name(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = f"{service}.{part}"
        return event

    return name


def main(name: str, part: str) -> None:
    """Run one part of a service until it is told to stop."""
    set_up_logs(name, part)
    service: Service = importlib.import_module(f"services.{name}.main").SERVICE
    settings = Settings()
    collect_seldom()
    log.info("process_starts", port=settings.port)
    server = uvicorn.Server(
        uvicorn.Config(
            app_of(service, part, settings),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=10,
            lifespan="on",
        )
    )
    server.run()
    log.info("process_stopped")
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
