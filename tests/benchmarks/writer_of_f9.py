"""One writer of F9, in a process of its own."""

import sys

import django

django.setup()

from tests.benchmarks.f9 import write  # noqa: E402  Django first

write(sys.argv[1], float(sys.argv[2]))
