"""Logs as lines of JSON, without the words of an error: they may hold a value of a person."""

import secrets
import traceback

import structlog


def formatter():
    """The formatter of every handler (``LOGGING``)."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_the_page,
            without_words,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def name_the_page(logger, method, event):
    """Django's lines on requests: the pattern of the page instead of its address, which may hold a link's secret."""
    record = event["_record"]
    if record.name.startswith("django.request") or record.name.startswith("django.security.csrf"):
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        event["event"] = "answered with an error"
        event["status"] = getattr(record, "status_code", None)
        event["page"] = match.route if match else None
    return event


def without_words(logger, method, event):
    """Keep an error's kind and places, drop its words, and give it a reference that a person can tell us."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        record = event["_record"]
        if "status" not in event:
            event["event"] = str(record.msg)  # its arguments often repeat the error's words
        event["error"] = type(error).__name__
        event["at"] = places(error)
        event.setdefault("reference", secrets.token_hex(4))
    event.pop("stack_info", None)
    return event


def places(error):
    """Where it happened, innermost first: ``file:line function``."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in reversed(frames)]
