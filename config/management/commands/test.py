import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand

BASE = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    help = "Runs all tests by pytest; arguments pass through: manage.py test tests/audit -k trail -x"
    requires_system_checks = []

    def run_from_argv(self, argv):
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        os.chdir(BASE)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *argv[2:]])
