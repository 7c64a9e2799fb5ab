"""What a log line looks like, and what never stands in one."""

import re

import structlog

MASK = "•••"
SECRETIVE = re.compile(r"authorization|cookie|password|secret|seed|signature|token|(api|private)_key", re.I)

# Addresses that nobody may guess (webhooks, invitations, resets) have a long part; queries may hold anything.
UNGUESSABLE = re.compile(r"(?<=/)[\w.:-]{20,}(?=[/\s'?]|$)|(?<=\?)[^\s']+")


def drop_secrets(logger, method: str, event: dict) -> dict:
    """Masks every field whose name says that it holds a secret. (A Secret masks itself.)"""
    return {name: MASK if SECRETIVE.search(name) else value for name, value in event.items()}


def drop_addresses(logger, method: str, event: dict) -> dict:
    """Masks what is secret in the address of a request."""
    if "request" in event:
        event["request"] = UNGUESSABLE.sub(MASK, str(event["request"]))
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    drop_secrets,
    drop_addresses,
]


def configure(level: int, as_json: bool) -> dict:
    """Sets structlog up and returns Django's LOGGING: lines of both kinds look the same and go to stderr."""
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
                "processors": _rendering(as_json),
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # A few tasks a second are sent, taken and done: only those that fail are news.
            "celery": {"level": "WARNING"},
            "django_structlog.celery": {"level": "WARNING"},
            # Their INFO lines name addresses, which may carry what a log must not keep.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }


def _rendering(as_json: bool) -> list:
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    json = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *(json if as_json else [plain])]
