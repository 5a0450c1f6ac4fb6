"""One writer of F9, in a process of its own."""

import django

django.setup()

from tests.benchmarks.f9 import write  # noqa: E402  Django first

write()
