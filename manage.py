#!/usr/bin/env python3
"""Runs the office's commands. `demo` and `test` work with a bare Python, and without any setting."""

import os
import sys


def main():
    if len(sys.argv) > 1 and sys.argv[1] in ("demo", "test"):
        from config.bootstrap import prepare  # bare Python: Django may not be there yet

        prepare(sys.argv)
        from django.core.management import load_command_class

        load_command_class("config", sys.argv[1]).run_from_argv(sys.argv)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
