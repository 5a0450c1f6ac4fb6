"""System checks of the house: each with an id, each about something that would only show later."""

import ctypes.util
import shutil
import subprocess

from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError
from django.db.backends.signals import connection_created

from audit.calendar import today
from audit.models import Office
from audit.services import office
from consent.models import ExternalTransmission
from customers.categories import Category, Source
from customers.exceptions import WrongKey
from customers.services import canary
from requests_desk.exceptions import LedgerDamaged
from requests_desk.services import ledger

from . import inventory

SEALED_BUT_OF_NOBODY = {("customers.Canary", "sealed")}  # it tells the keys, and holds a word of ours


def connect():
    """Called once when the apps are ready."""
    register(keys_are_those_of_the_database, Tags.security)
    register(pdf_has_what_it_needs, Tags.compatibility)
    register(fee_can_be_paid, "office")
    register(what_analytics_sends_is_public, "office")
    register(erasures_are_replayed, "office")
    register(every_field_has_its_category, Tags.models)
    register(every_category_has_its_fields, Tags.models)
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


def what_analytics_sends_is_public(app_configs, **kwargs):
    """Where analytics may run, the public table names a transmission (Telecommunications Business Act, 27-12)."""
    try:
        if not settings.ANALYTICS_ID or ExternalTransmission.objects.shown_on(today()).exists():
            return []
    except (DatabaseError, ImproperlyConfigured):
        return []  # no register to look at: whoever needs one will say so
    hint = "In the admin: Records and settings, External transmissions, Enter a service. Or leave ANALYTICS_ID empty."
    return [Warning("ANALYTICS_ID is set, but no external transmission is public.", hint=hint, id="office.W004")]


def erasures_are_replayed(app_configs, **kwargs):
    """After a restore from a backup, who was erased since must be erased again."""
    try:
        count = len(ledger.missing())
    except LedgerDamaged as error:
        return [Warning(str(error), id="office.W006")]
    except (DatabaseError, OSError, ImproperlyConfigured):
        return []  # nothing to compare with: whoever needs it will say so
    if not count:
        return []
    hint = "Run manage.py replay_erasures. Until then nobody can work at the desk."
    return [Warning(f"{count} erasures are missing in this database.", hint=hint, id="office.W005")]


def every_field_has_its_category(app_configs, **kwargs):
    """Each column of ours is declared personal, with a category, or kept, with none. Asks the database nothing."""
    return [error for model in inventory.models() for error in _faults_of(inventory.declared(model))]


def _faults_of(declared):
    model, label = declared.model, declared.model._meta.label
    if not declared.is_made:
        hint = "Declare PersonalData: each field in `personal` with its category, or in `keep`."
        yield Error(f"{label} does not say what of it is personal.", hint=hint, obj=model, id="office.E010")
        return
    for name in declared.fields:
        is_personal, is_kept = name in declared.personal, name in declared.keep
        if not (is_personal or is_kept):
            hint = "Name it in PersonalData.personal with its category, or in PersonalData.keep."
            yield Error(f"{label}.{name} has no category, and is not kept either.", hint=hint, obj=model,
                        id="office.E011")  # fmt: skip
        if is_personal and is_kept:
            yield Error(f"{label}.{name} is declared both personal and kept.", obj=model, id="office.E012")
    for name in sorted(declared.sealed & declared.keep):
        if (label, name) not in SEALED_BUT_OF_NOBODY:
            hint = "What is sealed is personal: erasure, masking and the dossier must know it."
            yield Error(f"{label}.{name} is sealed, but declared as kept.", hint=hint, obj=model, id="office.E013")
    for name, category in declared.personal.items():
        if category not in Category.values:
            yield Error(f"{label}.{name} has a category that does not exist: {category!r}.", obj=model,
                        id="office.E014")  # fmt: skip
    for category in sorted(set(map(str, declared.also)) - set(Category.values)):
        yield Error(f"{label} has a category that does not exist: {category!r}.", obj=model, id="office.E014")
    for name in sorted((set(declared.personal) | declared.keep) - set(declared.fields)):
        yield Error(f"{label} declares {name}, which is no field of it.", obj=model, id="office.E015")
    if declared.categories and not declared.sources:
        hint = f"Name them in PersonalData.sources: {', '.join(Source.values)}."
        yield Error(f"{label} does not say from where its values come.", hint=hint, obj=model, id="office.E016")
    for source in sorted(set(map(str, declared.sources)) - set(Source.values)):
        yield Error(f"{label} names a source that does not exist: {source!r}.", obj=model, id="office.E016")


def every_category_has_its_fields(app_configs, **kwargs):
    """Each category of the policy has at least one field in the customers' file. Copies elsewhere do not count."""
    served = set()
    for model in inventory.homes():
        declared = inventory.declared(model)
        served |= {category for category in declared.categories if declared.names_of(category)}
    return [
        Error(
            f"No field of the customers' file holds the category {category.value}.",
            hint="The policy names it: a model of the file must hold it (PersonalData.personal).",
            id="office.E017",
        )
        for category in Category
        if category not in served
    ]


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
