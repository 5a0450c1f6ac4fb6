"""A pytest plugin: real PostgreSQL and Valkey from wheels for the session, unless their addresses are given.

Loaded by ``-p tests.servers`` since Django reads its settings before any conftest is imported. Where tests run beside
each other (``-n 2``), each process of pytest has servers of its own: Valkey knows no transactions, and is flushed.
"""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from config.embedded import scratch, servers

OFFICE = Path(__file__).resolve().parents[1] / ".office"

OURS = "OFFICE_TEST_SERVERS"  # the addresses that are given were made here, by the process that started this one

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ or OURS in os.environ:
    os.environ[OURS] = "made for one session"
    _stack = ExitStack()
    atexit.register(_stack.close)
    _folder = _stack.enter_context(scratch(OFFICE, "test"))
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = _stack.enter_context(servers(_folder, durable=False))
