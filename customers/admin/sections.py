"""The sections of a customer's page: the fifteen categories, each masked until somebody gives a reason."""

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.admin.base import Fact, Panel, Record, Table, facts_of
from customers.categories import Category
from customers.forms import belonging_of
from customers.models import Customer, ExternalAccount, Media
from customers.services.holdings import EVENTS, ROWS

from .events import event_panels

SHOWN = 50  # rows of one section; the disclosure has all
TYPES = {"image/jpeg": "JPEG", "video/mp4": "MP4", "video/quicktime": "MOV", "video/webm": "WebM"}
SEALED = tuple(Customer.PersonalData.personal)
PLAIN = ("number", "registered_on", "left_on", "language", "has_email", "created_at", "created_by")
WITHOUT_VALUES = Customer.objects.defer(*SEALED)


def names_of(category):
    """The customer's own fields of a category."""
    return tuple(name for name, each in Customer.PersonalData.personal.items() if each == category)


def of(request, desk, customer):
    """The plain facts, and the fifteen categories in the policy's order."""
    people = people_of(customer)
    panels = [Panel("facts", _("Record"), facts_of(customer, *PLAIN))]
    events = {panel.slug: panel for panel in event_panels(request, customer)} if not customer.is_erased else {}
    for category in Category:
        slug = category.lower()
        if customer.is_erased:
            panels.append(Panel(slug, category.label, empty=erased_words(customer)))
        elif category in ROWS:
            panels.append(_rows(request, desk, customer, people, category))
        elif category in EVENTS:
            panels.append(events[slug])
        else:
            panels.append(_own(customer, people, category))
    return panels


def people_of(customer):
    """The customer and its aliases by key, without their values: whoever reads one reads the others with it."""
    aliases = WITHOUT_VALUES.filter(merged_into=customer, erased_at__isnull=True).order_by("pk")
    return {person.pk: person for person in (customer, *aliases)}


def erased_words(customer):
    day = formats.date_format(timezone.localtime(customer.erased_at), "DATE_FORMAT")
    return _("erased (%(date)s)") % {"date": day}


def _own(customer, people, category):
    """Values in the customer's own columns. Whether there are any is known without opening one."""
    holders = [person for person in people.values() if person.held & category.bit]
    names, empty = names_of(category), _("None.")
    if not holders:
        return Panel(category.lower(), category.label, empty=empty)
    if len(people) == 1:
        return Panel(category.lower(), category.label, sealed=names, person=customer)
    records = [Record(person, names, person, title=_whose(customer, person)) for person in holders]
    return Panel(category.lower(), category.label, records=records, empty=empty)


def _whose(customer, person):
    if person.pk == customer.pk:
        return _("This record")
    return _("Alias %(number)s") % {"number": person}


def rows_of(model, people):
    """Rows of these customers without their values, each with its customer."""
    rows = model.objects.filter(customer__in=list(people)).order_by("pk")
    if model is Media:
        rows = rows.select_related("file").only(
            "customer", "kind", "width", "height", "created_at", "file__media_type", "file__size"
        )
    else:
        rows = rows.defer(*model.PersonalData.personal)
    if model is ExternalAccount:
        authorises = ExpressionWrapper(Q(authorised__isnull=False), output_field=BooleanField())
        rows = rows.annotate(authorises=authorises)
    return rows


def row_of(model, customer, number):
    """One row of the customer or of an alias, without its values; ``None`` where there is none (any more)."""
    people = people_of(customer)
    row = rows_of(model, people).filter(pk=number).first()
    if row is not None:
        row.customer = people[row.customer_id]
    return row


def _rows(request, desk, customer, people, category):
    model, slug = ROWS[category], category.lower()
    rows = list(rows_of(model, people)[: SHOWN + 1])
    records = []
    for row in rows[:SHOWN]:
        row.customer = people[row.customer_id]
        records.append(record_of(row, acts=desk.section_acts(request, customer, slug, row)))
        if row.customer.pk != customer.pk:
            records[-1].facts.append(Fact(_("Held on"), _whose(customer, row.customer)))
    note = ""
    if len(rows) > SHOWN:
        note = _("The first %(count)s are shown here. A disclosure holds all of them.") % {"count": SHOWN}
    elif model is Media and records:
        note = _("Pictures and videos open for ten minutes once a reason is given.")
    acts = desk.section_acts(request, customer, slug)
    return Panel(slug, category.label, records=records, acts=acts, note=note, empty=_("None."))


def record_of(row, acts=()):
    """One means of payment, ID, cookie, device, photo or video as a record of its section."""
    if isinstance(row, Media):
        facts = [
            Fact(_("Type"), TYPES.get(row.file.media_type, row.file.media_type)),
            Fact(_("Size"), filesizeformat(row.file.size)),
        ]
        if row.width:
            facts.append(Fact(_("Pixels"), f"{row.width} × {row.height}"))
        facts += facts_of(row, "created_at")
        return Record(
            row, ("title",), row.customer, title=f"{row.get_kind_display()} {row}", facts=facts, acts=list(acts),
            template="admin/customers/customer/media.html", noted=("file",),
        )  # fmt: skip
    of = belonging_of(row)
    title = row.get_kind_display() if of.fixed else capfirst(row._meta.verbose_name)
    plain = ["authorised_on", "withdrawn_at", "created_at"] if isinstance(row, ExternalAccount) else ["created_at"]
    sealed = tuple(name for name in of.readers if name in row.PersonalData.personal)
    return Record(
        row, sealed, row.customer, title=f"{title} {row}", facts=facts_of(row, *plain), acts=list(acts)
    )  # fmt: skip


def contents(panels):
    """The table of contents: each section of a category with whether anything stands in it."""
    slugs = {category.lower() for category in Category}
    return [
        {"slug": panel.slug, "title": panel.title, "is_empty": panel.is_empty}
        for panel in panels
        if panel.slug in slugs
    ]


def held_values(customer):
    """What is held in the customer's own columns, to be opened beside a form that changes it."""
    names = tuple(name for name, category in Customer.PersonalData.personal.items() if customer.held & category.bit)
    return Panel(
        "held", _("What is held"), sealed=names, person=customer, default_reason="CORRECTION", empty=_("None.")
    )  # fmt: skip


def comparison(one, other, *, permission="", hidden=None):
    """Two records beside each other: which categories each holds, and their values once there is a reason."""
    rows = [
        [category.label, *(_("yes") if each.held & category.bit else _("none") for each in (one, other))]
        for category in Category
    ]
    names = [name for name in SEALED if (one.held | other.held) & Customer.PersonalData.personal[name].bit]
    records = [Record(each, tuple(names), each, title=str(each), facts=facts_of(each, "registered_on", "left_on"))
               for each in (one, other) if names and not each.is_erased]  # fmt: skip
    return [
        Panel("categories", _("What each record holds"), table=Table([_("Category"), str(one), str(other)], rows)),
        Panel(
            "beside", _("Values beside each other"), records=records, permission=permission, hidden=hidden or {},
            empty=_("None."),
        ),
    ]  # fmt: skip


def link_to(customer):
    """The number of a customer as a link to its page."""
    return format_html('<a href="{}">{}</a>', reverse("admin:customers_customer_change", args=[customer.pk]), customer)
