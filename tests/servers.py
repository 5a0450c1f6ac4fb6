"""A pytest plugin: real PostgreSQL and Valkey from wheels for the session, unless their addresses are given.

Loaded by ``-p tests.servers`` since Django reads its settings before any conftest is imported.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack

if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    from config.embedded import servers

    _stack = ExitStack()
    _folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="office-"))
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = _stack.enter_context(servers(_folder))
    atexit.register(_stack.close)
