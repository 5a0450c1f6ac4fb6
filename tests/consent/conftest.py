import pytest

from config.sink import Sink


@pytest.fixture
def sink(settings):
    """A real SMTP server on loopback, to which notices go."""
    with Sink() as server:
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        yield server
