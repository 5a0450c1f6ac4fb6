"""System checks of the house: each with an id, each about something that would only show later."""

import ctypes.util
import shutil
import subprocess

from celery.signals import beat_init, worker_init
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError
from django.db.backends.signals import connection_created

from audit.models import Office
from audit.services import office
from customers.exceptions import WrongKey
from customers.services import canary


def connect():
    """Called once when the apps are ready."""
    register(keys_are_those_of_the_database, Tags.security)
    register(pdf_has_what_it_needs, Tags.compatibility)
    register(fee_can_be_paid, "office")
    connection_created.connect(_refuse_wrong_keys, dispatch_uid="config.canary")
    worker_init.connect(_refuse_to_start, dispatch_uid="config.canary")
    beat_init.connect(_refuse_to_start, dispatch_uid="config.canary")


def open_canary():
    """Raise :class:`ImproperlyConfigured`, with the settings' names, when the keys are not those of the database."""
    try:
        canary.check()
    except WrongKey as error:
        raise ImproperlyConfigured(f"office.E001: {error}") from None


def keys_are_those_of_the_database(app_configs, **kwargs):
    try:
        open_canary()
    except ImproperlyConfigured as error:
        return [Error(str(error).removeprefix("office.E001: "), id="office.E001")]
    except OperationalError:
        pass  # no database to compare with: whoever needs one will say so
    return []


def pdf_has_what_it_needs(app_configs, **kwargs):
    found = []
    if not ctypes.util.find_library("pangoft2-1.0"):
        hint = "Debian: apt-get install libpangoft2-1.0-0. macOS: brew install pango."
        found.append(Warning("Pango is missing: no letter or package can be made as PDF.", hint=hint, id="office.W001"))
    elif not _has_japanese_font():
        hint = "Debian: apt-get install fonts-noto-cjk. macOS: brew install font-noto-sans-cjk-jp."
        found.append(Warning("No Japanese font: letters would show empty boxes.", hint=hint, id="office.W002"))
    return found


def fee_can_be_paid(app_configs, **kwargs):
    """The page of a request shows the account; where there is none, it can only ask to write for it."""
    try:
        account = office.current().bank_account
    except (DatabaseError, Office.DoesNotExist, ImproperlyConfigured):
        return []  # no office to look at: whoever needs one will say so
    if account:
        return []
    hint = "In the admin: Records and settings, Office, Change the facts."
    return [Warning("No account for the fee is entered: nobody can pay it.", hint=hint, id="office.W003")]


def _has_japanese_font():
    lister = shutil.which("fc-list")
    if not lister:
        return True  # cannot be told
    said = subprocess.run([lister, ":lang=ja", "family"], capture_output=True, check=False, timeout=20)
    return bool(said.stdout.strip()) or said.returncode != 0


def _refuse_wrong_keys(sender, connection, **kwargs):
    """Each new connection: nothing is read or written under a wrong key, by whatever way a process was started."""
    if connection.alias != "default":
        return
    try:
        open_canary()
    except ImproperlyConfigured:
        connection.close()
        raise


def _refuse_to_start(**kwargs):
    try:
        open_canary()
    except (ImproperlyConfigured, OperationalError) as error:
        raise SystemExit(str(error)) from None  # Celery only logs other exceptions of its receivers
