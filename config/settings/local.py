"""One person's machine. `manage.py demo` sets the environment; nothing here has a secret."""

from .base import *  # noqa: F403

DEBUG = env.bool("DEBUG", default=False)  # noqa: F405
