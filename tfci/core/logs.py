"""The format of log lines. What they must not contain: tfci/core/masking.py."""

from collections.abc import Iterable
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from tfci.core.masking import Masker, mask_fields


def drop_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Masks every field whose name says that it holds a secret."""
    return mask_fields(event)


SERVERS = ("_granian", "uvicorn", "uvicorn.error")  # each call that they answered is logged by us
SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    drop_secrets,
]


def configure(level: int, as_json: bool, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Sets structlog up and returns Django's LOGGING: all lines look the same and go to stderr. `secrets`: values of
    settings that no line may show."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _rendering(as_json, Masker(secrets)),
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # A few tasks a second are sent, taken and done: only failures are logged.
            "celery": {"level": "WARNING"},
            "django_structlog.celery": {"level": "WARNING"},
            # Their INFO lines name addresses, which may carry what a log must not keep.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            # The servers' own lines, which have handlers of their own unless we take them.
            **{name: {"handlers": [], "propagate": True} for name in SERVERS},
        },
    }


def _rendering(as_json: bool, mask: Masker) -> list[Processor]:
    """A traceback shows no variables, and the whole line is masked last, whoever wrote it."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    json = [
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        *(json if as_json else [plain]),
        lambda logger, method, line: mask(line),
    ]
