"""The tables that held values of who was erased are vacuumed within a day: old versions of rows lie there till then."""

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Q

from audit.models import Job
from audit.services.jobs import enqueue
from requests_desk.models import Erasure, RetentionRun

WORK = "requests_desk.vacuum"
APPS = ["audit", "customers", "consent", "requests_desk"]


def tables():
    """Every table of ours with personal columns, each with its history."""
    found = set()
    for model in apps.get_models():
        declared = getattr(model, "PersonalData", None)
        if model._meta.app_label not in APPS or not declared or not (declared.personal or hasattr(declared, "also")):
            continue
        found.add(model._meta.db_table)
        if hasattr(model, "history"):
            found.add(model.history.model._meta.db_table)
    return sorted(found)


@transaction.atomic
def begin(*, by):
    """Hand the work over, where something was erased or blanked since it was done last; ``None`` where nothing was."""
    last = Job.objects.filter(name=WORK).order_by("-pk").first()
    if last and last.state in (Job.State.WAITING, Job.State.RUNNING):
        return None
    since = Q() if last is None else Q(decided_at__gte=last.created_at) | Q(completed_at__gte=last.created_at)
    runs = RetentionRun.objects.filter(is_dry=False, finished_at__isnull=False)
    if last:
        runs = runs.filter(finished_at__gte=last.created_at)
    if not Erasure.objects.done().filter(since).exists() and not runs.exists():
        return None
    return enqueue(WORK, by=by, total=len(tables()))


def vacuum(*, progress=lambda done, total: None):
    """Vacuum one table after the other, outside any transaction. Safe to run twice. Returns how many."""
    names = tables()
    for done, name in enumerate(names, 1):
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {connection.ops.quote_name(name)}")
        progress(done, len(names))
    return len(names)
