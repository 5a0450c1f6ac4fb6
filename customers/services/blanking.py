"""This app's part of retention: what is past its time is blanked with its history, one small batch after the other.

Each kind of storage is a part with the same three questions: what is past (:meth:`past`), how many of it, and
:meth:`take`, which blanks one batch in the caller's transaction. ``take`` locks the customers first and asks ``kept``
after that, so that a hold which was placed meanwhile is seen. What cannot be brought back is decided elsewhere
(:mod:`requests_desk.services.retention`); here is only how.
"""

from dataclasses import dataclass

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from audit.calendar import midnight_after
from audit.services.trail import record_batch
from customers import search
from customers.categories import Category
from customers.models import Customer, Event, EventKind, Media, SearchToken, StrayEvent

from . import files
from .holdings import EVENTS, OWN, ROWS

BATCH = 1000
FEW = 50  # of persons who may have many events, and of pictures, whose files are purged one by one
EVENTS_AT_ONCE = 10_000
ACTION = "retention.blanked"
FOUND_BY = {Category.NAME: search.NAME_COLUMNS, Category.EMAIL: ("email",), Category.TELEPHONE: ("telephone",)}


class Unit(models.TextChoices):
    """In what the things of a part are counted."""

    PERSON = "PERSON", "person"
    ROW = "ROW", "row"
    EVENT = "EVENT", "event"


@dataclass(frozen=True)
class Taken:
    """One batch: how many were blanked, how many beside them, and where to go on (nowhere: ``None``)."""

    count: int = 0
    beside: int = 0
    after: tuple | None = None


def family(customers):
    """The keys of these customers and of all records that are of the same persons."""
    found, edge = set(), set(customers)
    while edge:
        found |= edge
        near = Customer.objects.filter(Q(pk__in=edge, merged_into__isnull=False) | Q(merged_into__in=edge))
        edge = {key for pair in near.values_list("pk", "merged_into") for key in pair if key} - found
    return found


def _lock(keys):
    """These rows and their aliases, locked in the order of their keys, none of them erased."""
    rows = Customer.objects.select_for_update().filter(pk__in=family(keys), erased_at__isnull=True)
    return rows.order_by("pk")


def _note(references, *, subject, by, **details):
    """One entry for each 1,000 of ``references``."""
    references = list(references)
    for start in range(0, len(references), BATCH):
        record_batch(ACTION, subject=subject, by=by, references=references[start : start + BATCH], **details)


def _numbers(customers):
    return [f"customers.customer:{number}" for number in customers.values_list("number", flat=True)]


class PersonsPart:
    """A whole category of persons whose registration ended on ``cutoff`` or before, former values included.

    An alias counts with the record that it joined: the person has left when all of them have.
    """

    unit = Unit.PERSON

    def __init__(self, category, cutoff):
        self.category, self.cutoff = Category(category), cutoff

    def gone_through(self):
        """Everybody on whom the category may still be: held now, or in the history alone.

        Whether the history of a sealed column still says something shows only when it is opened: ``blanked`` remembers.
        """
        still_here = Customer.objects.filter(merged_into=OuterRef("pk"), left_on__gt=self.cutoff)
        rows = (
            Customer.objects.living()
            .filter(~Exists(still_here), left_on__lte=self.cutoff)
            .annotate(now=F("held").bitand(self.category.bit), gone=F("blanked").bitand(self.category.bit))
        )
        if self.category in OWN.values():
            return rows.filter(Q(now__gt=0) | Q(gone=0))
        history = getattr(ROWS.get(self.category), "history", None)
        if history is None:
            return rows.filter(now__gt=0)
        own, joined = history.filter(customer=OuterRef("pk")), history.filter(customer__merged_into=OuterRef("pk"))
        return rows.filter(Q(now__gt=0) | Exists(own) | Exists(joined))

    def past(self):
        return self.gone_through().filter(now__gt=0)

    def beside(self):
        return self.gone_through().filter(now=0)

    def of_customers(self, rows, customers):
        return rows.filter(pk__in=customers)

    def take(self, after, *, kept, by, subject):
        rows = self.gone_through().exclude(pk__in=kept())
        if after:
            rows = rows.filter(Q(left_on__gt=after[0]) | Q(left_on=after[0], pk__gt=after[1]))
        size = FEW if self.category in (Category.MEDIA, *EVENTS) else BATCH
        found = list(rows.order_by("left_on", "pk").values_list("left_on", "pk", "now")[:size])
        if not found:
            return Taken()
        locked = set(_lock([key for _day, key, _now in found]).values_list("pk", flat=True))
        free = family(locked) & locked - kept()
        people = dict(self.gone_through().filter(pk__in=free).values_list("pk", "now"))
        following = found[-1][:2]
        if people:
            group = family(people) & free
            more = self._blank(group, by, subject)
            if more:
                return Taken(after=after or (found[0][0], found[0][1] - 1))
        return Taken(sum(map(bool, people.values())), sum(not now for now in people.values()), following)

    def _blank(self, group, by, subject):
        """Blank the category of these records; true where it was too much for one transaction."""
        records, details = Customer.objects.filter(pk__in=group), {}
        no_longer = {
            "held": F("held").bitand(~self.category.bit), "blanked": F("blanked").bitor(self.category.bit)
        }  # fmt: skip
        is_whole = True
        if self.category in ROWS:
            model = ROWS[self.category]
            delete_rows(model, model.objects.filter(customer__in=group), by=by)
            delete_history(model, customer_id__in=group)
        elif self.category in EVENTS:
            rows = Event.objects.filter(customer__in=group, kind__in=EventKind.of(self.category))
            keys = list(rows.order_by("customer", "-at").values_list("at", "line")[:EVENTS_AT_ONCE])
            delete_events(keys)
            details["events"] = len(keys)
            is_whole = len(keys) < EVENTS_AT_ONCE
        else:
            blank_columns(self.category, group, by=by, **no_longer)
        if is_whole and self.category not in OWN.values():
            records.update(**no_longer)
        _note(_numbers(records), subject=subject, by=by, category=self.category, **details)
        return not is_whole


class RowsPart:
    """Rows of a customer (means of payment, IDs, cookies, devices, pictures) recorded on ``cutoff`` or before."""

    unit = Unit.ROW

    def __init__(self, category, cutoff):
        self.category, self.model, self.moment = Category(category), ROWS[category], midnight_after(cutoff)
        self.label = self.model._meta.label_lower

    def past(self):
        return self.model.objects.filter(created_at__lt=self.moment, customer__erased_at__isnull=True)

    def beside(self):
        """What is no longer current, and lies in the history alone: each once, though it has several lines there."""
        if not hasattr(self.model, "history"):
            return self.model.objects.none()
        current = self.model.objects.filter(pk=OuterRef("id"))
        found = self.model.history.filter(~Exists(current), created_at__lt=self.moment)
        return found.order_by("id").values("id", "customer").distinct()

    def of_customers(self, rows, customers):
        return rows.filter(customer__in=customers)

    def take(self, after, *, kept, by, subject):
        if after and after[0] == "former":
            return self._take_former(after[1], kept, by, subject)
        rows = self.past().exclude(customer__in=kept()).filter(pk__gt=after[1] if after else 0)
        size = FEW if self.model is Media else BATCH
        found = dict(rows.order_by("pk").values_list("pk", "customer")[:size])
        if not found:
            return Taken(after=("former", 0))
        locked = set(_lock(found.values()).values_list("pk", flat=True)) - kept()
        keys = [key for key, customer in found.items() if customer in locked]
        delete_rows(self.model, self.model.objects.filter(pk__in=keys), by=by)
        hold_no_longer(self.category, {found[key] for key in keys})
        _note((f"{self.label}:{key}" for key in keys), subject=subject, by=by, category=self.category)
        return Taken(len(keys), after=("now", max(found)))

    def _take_former(self, after, kept, by, subject):
        rows = self.beside().exclude(customer__in=kept()).filter(id__gt=after)
        found = dict(rows.order_by("id").values_list("id", "customer")[:BATCH])
        if not found:
            return Taken()
        locked = set(_lock(found.values()).values_list("pk", flat=True)) - kept()
        keys = [key for key, customer in found.items() if customer in locked]
        delete_history(self.model, id__in=keys)
        _note((f"{self.label}:{key}" for key in keys), subject=subject, by=by, category=self.category)
        return Taken(0, len(keys), ("former", max(found)))


class EventsPart:
    """Events of one category that happened on ``cutoff`` or before, those of unknown persons among them."""

    unit = Unit.EVENT

    def __init__(self, category, cutoff):
        self.category, self.kinds = Category(category), EventKind.of(category)
        self.moment = midnight_after(cutoff)

    def past(self):
        return Event.objects.filter(at__lt=self.moment, kind__in=self.kinds)

    def beside(self):
        return StrayEvent.objects.filter(at__lt=self.moment, kind__in=self.kinds)

    def of_customers(self, rows, customers):
        return rows.filter(customer__in=customers)

    def take(self, after, *, kept, by, subject):
        if after and after[0] == "strays":
            return self._take_strays(by, subject)
        rows = self.past().exclude(customer__in=kept())
        if after:
            rows = rows.filter(Q(at__gt=after[0]) | Q(at=after[0], line__gt=after[1]), at__gte=after[0])
        found = list(rows.order_by("at", "line").values_list("at", "line", "customer")[:BATCH])
        if not found:
            return Taken(after=("strays",))
        locked = set(_lock({customer for _at, _line, customer in found}).values_list("pk", flat=True)) - kept()
        keys = [(at, line) for at, line, customer in found if customer in locked]
        delete_events(keys)
        hold_no_longer(self.category, {customer for _at, _line, customer in found} & locked)
        _note((f"customers.event:{line}" for _at, line in keys), subject=subject, by=by, category=self.category)
        return Taken(len(keys), after=found[-1][:2])

    def _take_strays(self, by, subject):
        lines = list(self.beside().order_by("line").values_list("line", flat=True)[:BATCH])
        if not lines:
            return Taken()
        StrayEvent.objects.filter(line__in=lines).delete()
        _note((f"customers.strayevent:{line}" for line in lines), subject=subject, by=by, category=self.category)
        return Taken(0, len(lines), ("strays",))


# How each kind of storage is emptied


def blank_columns(category, customers, *, by, **more):
    """Blank the columns of one category, the search tokens made of them, and the same columns of all history."""
    names = [name for name, of in Customer.PersonalData.personal.items() if of == category]
    blank = {name: None if Customer._meta.get_field(name).null else "" for name in names}
    _forget_tokens(category, customers)
    changes = blank | more
    if category == Category.EMAIL:
        changes |= {"has_email": False, "mail_bounced_at": None, "mail_bounced_by": None}
    Customer.objects.filter(pk__in=customers).update(**changes)
    Customer.history.filter(id__in=customers).update(**blank)
    columns = ", ".join(f'"{field.column}"' for field in Customer._meta.concrete_fields)
    with connection.cursor() as cursor:  # the day on which it went
        cursor.execute(
            f"INSERT INTO {Customer.history.model._meta.db_table} ({columns}, history_date, history_type,"
            f" history_user_id) SELECT {columns}, %s, '~', %s FROM {Customer._meta.db_table} WHERE id = ANY(%s)",
            [timezone.now(), by.staff_id, list(customers)],
        )


def _forget_tokens(category, customers):
    gone = FOUND_BY.get(category)
    if not gone:
        return
    columns = [*search.NAME_COLUMNS, "email", "telephone"]
    pairs = []
    for row in Customer.objects.filter(pk__in=customers).only("pk", *columns):
        left = {name: getattr(row, name) for name in columns if name not in gone}
        pairs += [(token, row.pk) for token in row.tokens() - search.tokens_of(left)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {SearchToken._meta.db_table} WHERE (token, customer_id) IN"
            " (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))",
            [[token for token, _key in pairs], [key for _token, key in pairs]],
        )


def delete_rows(model, rows, *, by):
    """Delete these rows without another line of history; their history and their files go with them."""
    keys = list(rows.values_list("pk", flat=True))
    if model is Media:
        kept = [file for media in rows.select_related("file", "thumbnail") for file in (media.file, media.thumbnail)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = ANY(%s)", [keys])
    if model is Media:
        for file in filter(None, kept):
            file.file_persons.all().delete()
            files.purge(file, by=by)
    else:
        delete_history(model, id__in=keys)


def delete_history(model, **which):
    """Delete lines of the history of a model that has one."""
    if hasattr(model, "history"):
        model.history.filter(**which).delete()


def delete_events(keys):
    """Delete events by their keys, saying to the trigger that it may be."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('office.may_change_events', 'on', true)")
        cursor.execute(
            f"DELETE FROM {Event._meta.db_table} WHERE at >= %s AND at <= %s AND (at, line) IN"
            " (SELECT * FROM unnest(%s::timestamptz[], %s::uuid[]))",
            [min(keys)[0], max(keys)[0], [at for at, _line in keys], [line for _at, line in keys]],
        )
        cursor.execute("SELECT set_config('office.may_change_events', '', true)")


def hold_no_longer(category, customers):
    """Take the category out of what is held on those of whom no row is left, in their own record or an alias."""
    model = ROWS.get(category, Event)
    rows = model.objects.filter(kind__in=EventKind.of(category)) if model is Event else model.objects.all()
    Customer.objects.filter(
        ~Exists(rows.filter(customer=OuterRef("pk"))),
        ~Exists(rows.filter(customer__merged_into=OuterRef("pk"))),
        pk__in=family(customers),
    ).update(held=F("held").bitand(~category.bit))


def part_of(category, counted_from, cutoff):
    """The part that a rule speaks of: ``counted_from`` is LEFT, RECORDED or EVENT."""
    return {"LEFT": PersonsPart, "RECORDED": RowsPart, "EVENT": EventsPart}[counted_from](category, cutoff)
