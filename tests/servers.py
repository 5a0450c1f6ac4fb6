"""A pytest plugin: real PostgreSQL and Valkey from wheels for the session, unless their addresses are given.

Loaded by ``-p tests.servers`` since Django reads its settings before any conftest is imported.
"""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from config.embedded import scratch, servers

OFFICE = Path(__file__).resolve().parents[1] / ".office"

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    _stack = ExitStack()
    atexit.register(_stack.close)
    _folder = _stack.enter_context(scratch(OFFICE, "test"))
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = _stack.enter_context(servers(_folder, durable=False))
