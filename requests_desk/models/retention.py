"""How long what is held is kept, what keeps it longer, and what the nightly run blanked."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.models.constraints import at_exactly_with_by
from customers.categories import Category


class CountedFrom(models.TextChoices):
    """The day from which the time of keeping runs."""

    EVENT = "EVENT", _("the time of the event")
    RECORDED = "RECORDED", _("the day on which the value was recorded")
    LEFT = "LEFT", _("the day on which the registration ended")


class RetentionRule(models.Model):
    """How long one category is kept, counted from what, and who decided (Article 22).

    A statute that keeps it longer is part of the rule: ``statute_months`` can never be more than ``months``, so that
    nothing goes early. A category without a rule is kept. Written by :mod:`requests_desk.services.retention` alone.
    """

    category = models.CharField(_("category"), max_length=12, choices=Category, unique=True)
    months = models.PositiveIntegerField(_("months"))
    counted_from = models.CharField(_("counted from"), max_length=8, choices=CountedFrom)
    statute = models.CharField(_("statute that keeps it"), max_length=200, blank=True)
    statute_months = models.PositiveIntegerField(_("months that the statute keeps it"), default=0)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    decided_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("decided by"))

    history = HistoricalRecords()

    class PersonalData:
        personal = {}
        keep = {
            "id", "category", "months", "counted_from", "statute", "statute_months", "decided_at", "decided_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("rule of retention")
        verbose_name_plural = _("rules of retention")
        default_permissions = ["view"]
        permissions = [
            ("decide_retention", "Can decide how long categories are kept"),
            ("run_retention", "Can look at what a run would blank"),
        ]
        constraints = [
            at_exactly_with_by("retention_rule", "decided"),
            models.CheckConstraint(name="retention_keeps_at_least_a_month", condition=Q(months__gte=1)),
            models.CheckConstraint(
                name="retention_is_never_shorter_than_the_statute", condition=Q(months__gte=F("statute_months"))
            ),
            models.CheckConstraint(
                name="retention_names_the_statute_that_keeps",
                condition=(Q(statute_months=0) & Q(statute="")) | (Q(statute_months__gt=0) & ~Q(statute="")),
            ),
            models.CheckConstraint(
                name="retention_counts_events_from_their_time",
                condition=~Q(counted_from="EVENT") | Q(category__in=["SITE_USE", "APP_USE", "LOCATION"]),
            ),
            models.CheckConstraint(
                name="retention_counts_rows_alone_from_their_recording",
                condition=~Q(counted_from="RECORDED")
                | Q(category__in=["PAYMENT", "EXTERNAL_ID", "COOKIE", "DEVICE", "MEDIA"]),
            ),
        ]

    def __str__(self):
        return self.category

    @property
    def in_words(self):
        """How long, and from when: 「登録の終了日から60か月（5年）」."""
        return _("%(period)s from %(start)s") % {
            "period": months_in_words(self.months), "start": self.get_counted_from_display()
        }  # fmt: skip


def months_in_words(months):
    """Months, and the same in years where that is a whole number."""
    words = ngettext("%(months)s month", "%(months)s months", months) % {"months": months}
    if months % 12:
        return words
    years = ngettext("%(years)s year", "%(years)s years", months // 12) % {"years": months // 12}
    return _("%(months)s (%(years)s)") % {"months": words, "years": years}


class HoldQuerySet(models.QuerySet):
    def living(self):
        return self.filter(lifted_at__isnull=True)


class Hold(models.Model):
    """That nothing (or nothing of one category) of a customer is blanked by retention, whatever its age.

    Written by :mod:`requests_desk.services.retention` alone.
    """

    class Ground(models.TextChoices):
        REQUEST = "REQUEST", _("A request of the person is open")
        CLAIM = "CLAIM", _("A claim or suit is pending or expected")
        STATUTE = "STATUTE", _("A statute keeps it longer in this case")
        AUTHORITY = "AUTHORITY", _("An authority asked for it")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="holds")
    category = models.CharField(_("category"), max_length=12, choices=Category, blank=True)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    case_number = models.CharField(_("case number"), max_length=40)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    placed_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("placed by"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("lifted by")
    )

    objects = HoldQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "customer", "category", "ground", "case_number", "placed_at", "placed_by", "lifted_at", "lifted_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        default_permissions = ["view"]
        permissions = [("place_hold", "Can place and lift a hold")]
        constraints = [
            at_exactly_with_by("hold", "placed"),
            at_exactly_with_by("hold", "lifted"),
            models.UniqueConstraint(
                name="hold_is_placed_once_while_it_lasts",
                fields=["customer", "category", "ground", "case_number"],
                condition=Q(lifted_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"H{self.pk}"

    @property
    def what(self):
        """What is kept, in words."""
        return self.get_category_display() if self.category else _("All categories")


class RetentionRun(models.Model):
    """One run over everything: a look at what would go (``is_dry``), or the nightly one that blanks it.

    ``counts`` says by category, in the ``unit`` in which its rule counts (persons, rows, events), how many were past
    their time (``due``): kept by a hold (``held``) or an open request (``asked``), and ``blanked``. ``cutoff`` is the
    last day that is past; ``former`` counts persons and rows of whom only former values were looked through.
    Written by :mod:`requests_desk.services.retention` alone.
    """

    is_dry = models.BooleanField(pgettext_lazy("retention", "only a look"))
    job_number = models.CharField(_("job"), max_length=40, blank=True)
    counts = models.JSONField(_("counts"), default=dict)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    started_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("started by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    finished_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("finished by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "is_dry", "job_number", "counts", "started_at", "started_by", "finished_at", "finished_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("run of retention")
        verbose_name_plural = _("runs of retention")
        default_permissions = ["view"]
        constraints = [
            at_exactly_with_by("retention_run", "started"),
            at_exactly_with_by("retention_run", "finished"),
            models.UniqueConstraint(
                name="retention_blanks_in_one_run_at_a_time",
                fields=["is_dry"],
                condition=Q(is_dry=False, finished_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"RT{self.pk}"

    @property
    def total(self):
        """How many are past their time and kept by nothing, all categories together."""
        return sum(found["due"] - found["held"] - found["asked"] for found in self.counts.values())

    @property
    def blanked(self):
        return sum(found["blanked"] for found in self.counts.values())
