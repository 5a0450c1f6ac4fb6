import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.models.numbers import ALPHABET
from customers import search
from customers.categories import Category, Source
from customers.fields import SealedCharField, SealedDateField, SealedEmailField, SealedTextField

CLOCK_DAYS = 14  # Article 39: after two weeks from arrival the person may sue


class Kind(models.TextChoices):
    """What a person may ask (Articles 28(3), 32 to 35), and the inquiry on our measures."""

    PURPOSE = "PURPOSE", _("Notification of purposes")
    DISCLOSURE = "DISCLOSURE", _("Disclosure")
    PROVISION_RECORDS = "PROVISION_RECORDS", _("Disclosure of records of provision")
    CORRECTION = "CORRECTION", _("Correction")
    SUSPENSION = "SUSPENSION", _("Suspension of use or erasure")
    CESSATION = "CESSATION", _("Cessation of provision")
    ABROAD = "ABROAD", _("Information on measures abroad")
    INQUIRY = "INQUIRY", _("Inquiry on safe management")


FEE_KINDS = [Kind.DISCLOSURE, Kind.PROVISION_RECORDS]  # the policy names disclosure; Article 38 allows no others
OFFERED_KINDS = [Kind.DISCLOSURE]


class Status(models.TextChoices):
    RECEIVED = "RECEIVED", _("Received")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    PROPOSED = "PROPOSED", _("Decision proposed")
    APPROVED = "APPROVED", _("Answer in preparation")
    READY = "READY", _("Answer ready")
    CLOSED = "CLOSED", _("Closed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    LAPSED = "LAPSED", _("Lapsed")

    @property
    def next(self):
        """The statuses a request may move to from this one."""
        return MOVES[self]

    @property
    def is_final(self):
        return not self.next


MOVES = {
    Status.RECEIVED: {Status.IN_PROGRESS, Status.WITHDRAWN, Status.LAPSED},
    Status.IN_PROGRESS: {Status.PROPOSED, Status.WITHDRAWN},
    Status.PROPOSED: {Status.APPROVED, Status.IN_PROGRESS, Status.WITHDRAWN},
    Status.APPROVED: {Status.READY},
    Status.READY: {Status.CLOSED},
    Status.CLOSED: set(),
    Status.WITHDRAWN: set(),
    Status.LAPSED: set(),
}
FINAL = [status for status in Status if status.is_final]


class Who(models.TextChoices):
    PERSON = "PERSON", _("The person")
    REPRESENTATIVE = "REPRESENTATIVE", _("A legal representative")
    AGENT = "AGENT", _("An appointed agent")


class Method(models.TextChoices):
    ELECTRONIC = "ELECTRONIC", _("Electronic file")
    PAPER = "PAPER", _("Paper by post")


OFFERED_WHO = [Who.PERSON]
OFFERED_METHODS = [Method.ELECTRONIC]


class Identity(models.TextChoices):
    """How far the confirmation of identity is."""

    AWAITED = "AWAITED", _("Document awaited")
    TO_CHECK = "TO_CHECK", _("Document to be checked")
    ASKED_AGAIN = "ASKED_AGAIN", _("Another document asked for")
    VERIFIED = "VERIFIED", _("Confirmed")


class Held(models.TextChoices):
    """Whether we hold anything on the person."""

    UNKNOWN = "UNKNOWN", _("Not searched yet")
    MATCHED = "MATCHED", _("Customer found")
    NOT_HELD = "NOT_HELD", _("Nothing held")


def new_reference():
    """A random number in groups of four that can be read out on the telephone."""
    groups = ["".join(secrets.choice(ALPHABET) for _place in range(4)) for _group in range(3)]
    return "-".join(groups)


class DataRequestQuerySet(models.QuerySet):
    def open(self):
        return self.exclude(status__in=FINAL)

    def overdue(self, today=None):
        return self.open().filter(due_on__lt=today or timezone.localdate())

    def unpaid(self):
        return self.open().filter(fee__state="DUE")

    def to_verify(self):
        return self.open().filter(identity=Identity.TO_CHECK)

    def to_approve(self):
        return self.filter(status=Status.PROPOSED)

    def keys_found(self, text, *, most):
        """The keys of open requests, the newest ``most`` that have it: part of a name or reading, mail or telephone.

        Names are opened for parts of more than three signs alone, those of the requests that have all their pieces.
        """
        query = search.query_tokens(text)
        if not query.tokens:
            return []
        rows = self.open()
        for token in sorted(query.tokens)[: search.TOKENS_ASKED]:
            rows = rows.filter(search_tokens__token=token)
        rows = rows.order_by("-pk")
        if query.is_exact:
            return list(rows.values_list("pk", flat=True)[:most])
        opened = rows.values_list("pk", "name", "kana")[:most]
        return [pk for pk, name, kana in opened if not query.missing(query.missing(query.parts, name), kana)]


class DataRequest(models.Model):
    """What a person asks us to do with their data, from arrival to answer.

    Made by :func:`requests_desk.services.intake.receive`; changed by :mod:`requests_desk.services` and nothing else.
    Whether a step is possible now is said by :func:`requests_desk.services.steps.may`.
    """

    reference = models.CharField(_("request number"), max_length=14, unique=True, default=new_reference, editable=False)
    draft_number = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    status = models.CharField(_("state"), max_length=12, choices=Status, default=Status.RECEIVED)
    identity = models.CharField(_("identity"), max_length=12, choices=Identity, default=Identity.AWAITED)
    held = models.CharField(_("what we hold"), max_length=8, choices=Held, default=Held.UNKNOWN)
    language = models.CharField(_("language"), max_length=5, default="ja")
    who = models.CharField(_("who asks"), max_length=16, choices=Who, default=Who.PERSON)
    method = models.CharField(_("way of answer"), max_length=12, choices=Method, default=Method.ELECTRONIC)

    name = SealedCharField(pgettext_lazy("requester", "name"), max_length=200, context="request.name")
    kana = SealedCharField(pgettext_lazy("requester", "reading"), max_length=200, blank=True, context="request.kana")
    email = SealedEmailField(pgettext_lazy("requester", "e-mail"), max_length=254, context="request.email")
    telephone = SealedCharField(
        pgettext_lazy("requester", "telephone"), max_length=40, blank=True, context="request.telephone"
    )
    postcode = SealedCharField(
        pgettext_lazy("requester", "postcode"), max_length=16, blank=True, context="request.postcode"
    )
    address = SealedTextField(pgettext_lazy("requester", "address"), blank=True, context="request.address")
    birth_date = SealedDateField(
        pgettext_lazy("requester", "date of birth"), null=True, blank=True, context="request.birth_date"
    )
    about = SealedTextField(_("what it is about"), blank=True, context="request.about")

    arrived_on = models.DateField(_("arrived"))
    due_on = models.DateField(_("answer due"), db_index=True)
    created_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("entered by"))
    assigned_to = models.ForeignKey(
        "audit.Staff", models.PROTECT, related_name="data_requests", null=True, blank=True, verbose_name=_("assigned")
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="data_requests", null=True, blank=True,
        verbose_name=_("customer"),
    )  # fmt: skip
    matched_at = models.DateTimeField(_("searched"), null=True, blank=True)
    matched_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("searched by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("closed by")
    )

    history = HistoricalRecords()
    objects = DataRequestQuerySet.as_manager()

    class PersonalData:
        # What it is about may name anything; it goes with the name.
        personal = {
            "name": Category.NAME, "kana": Category.NAME, "email": Category.EMAIL, "telephone": Category.TELEPHONE,
            "postcode": Category.ADDRESS, "address": Category.ADDRESS, "birth_date": Category.BIRTH,
            "about": Category.NAME,
        }  # fmt: skip
        sources = [Source.REQUEST]
        keep = {
            "id", "reference", "draft_number", "kind", "status", "identity", "held", "language", "who", "method",
            "arrived_on", "due_on", "created_at", "created_by", "assigned_to", "customer", "matched_at", "matched_by",
            "closed_at", "closed_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        default_permissions = ["view"]
        permissions = [
            ("reveal_request", "Can see values of a requester"),
            ("assign_request", "Can assign a request"),
            ("match_customer", "Can match a request to a customer"),
            ("verify_identity", "Can see and check an identity document"),
            ("receive_fee", "Can record that a fee was paid"),
            ("propose_decision", "Can propose a decision"),
            ("approve_decision", "Can approve a decision or send it back"),
            ("build_package", "Can have an answer made again"),
            ("close_request", "Can close, withdraw or lapse a request"),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="request_open_by_due", condition=~Q(status__in=FINAL)),
            models.Index(fields=["customer", "-id"], name="request_by_customer"),
            models.Index(fields=["status", "due_on", "id"], name="request_by_status"),
            *(
                models.Index(
                    fields=[name, "due_on", "id"], name=f"request_open_by_{short}", condition=~Q(status__in=FINAL)
                )
                for name, short in (
                    ("identity", "identity"),
                    ("kind", "kind"),
                    ("method", "method"),
                    ("assigned_to", "assigned"),
                )
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="data_request_closed_exactly_when_final",
                condition=Q(status__in=FINAL, closed_at__isnull=False, closed_by__isnull=False)
                | Q(~Q(status__in=FINAL), closed_at__isnull=True, closed_by__isnull=True),
            ),
            models.CheckConstraint(
                name="data_request_has_a_customer_exactly_when_matched",
                condition=Q(held=Held.MATCHED, customer__isnull=False)
                | Q(~Q(held=Held.MATCHED), customer__isnull=True),
            ),
            models.CheckConstraint(
                name="data_request_matched_at_exactly_with_matched_by",
                condition=Q(held=Held.UNKNOWN, matched_at__isnull=True, matched_by__isnull=True)
                | Q(~Q(held=Held.UNKNOWN), matched_at__isnull=False, matched_by__isnull=False),
            ),
            models.CheckConstraint(
                name="data_request_past_receipt_is_of_a_verified_person",
                condition=Q(status__in=[Status.RECEIVED, Status.WITHDRAWN, Status.LAPSED])
                | Q(identity=Identity.VERIFIED)
                | Q(kind=Kind.INQUIRY),
            ),
            models.CheckConstraint(
                name="data_request_is_due_after_its_arrival", condition=Q(due_on__gt=F("arrived_on"))
            ),
            models.CheckConstraint(name="data_request_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="data_request_status_is_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="data_request_identity_is_known", condition=Q(identity__in=Identity.values)),
            models.CheckConstraint(
                name="data_request_number_is_in_groups_of_four",
                condition=Q(reference__regex=rf"^[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{2}}$"),
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_open(self):
        return not Status(self.status).is_final

    @property
    def days_left(self):
        """Days until the answer is due, negative when overdue; ``None`` once closed."""
        return (self.due_on - timezone.localdate()).days if self.is_open else None
