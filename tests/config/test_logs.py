"""Logs tell where something went wrong, and nothing of a person."""

import json
import logging

import pytest

from config import logs

VALUE = "山田 花子"


def line(logger, message, *arguments, error=None, **extra):
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.getLogger(logger).makeRecord(
        logger, logging.ERROR, "x.py", 1, message, arguments, info, extra=extra
    )
    return json.loads(logs.formatter().format(record))


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_line_is_json_with_its_origin():
    said = line("audit.services.jobs", "job %s waits", "J-7")

    assert said["event"] == "job J-7 waits"
    assert said["logger"] == "audit.services.jobs"
    assert said["level"] == "error"


def test_an_error_keeps_its_place_and_loses_its_words():
    said = line("celery.app.trace", "task raised %r", VALUE, error=raised(ValueError(VALUE)))

    assert said["error"] == "ValueError"
    assert "test_logs.py" in said["at"][0]
    assert said["reference"]
    assert VALUE not in json.dumps(said, ensure_ascii=False)


def test_an_answered_error_names_the_page_and_not_its_address(rf):
    request = rf.get(f"/status/secret-token/?name={VALUE}")
    said = line("django.request", "Not Found: %s", request.path, request=request, status_code=404)

    assert said["status"] == 404
    assert "secret-token" not in json.dumps(said)


@pytest.mark.parametrize("kind", [RuntimeError, LookupError])
def test_errors_within_errors_stay_wordless(kind):
    try:
        try:
            raise kind(VALUE)
        except kind as first:
            raise ValueError(VALUE) from first
    except ValueError as error:
        said = line("django", "failed", error=error)

    assert VALUE not in json.dumps(said, ensure_ascii=False)
