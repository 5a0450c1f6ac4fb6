"""Joint use of personal data: what must be public before it begins (Article 27(5)(iii))."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit.calendar import midnight_of
from audit.models.constraints import at_exactly_with_by
from consent.purposes import Purpose
from customers.categories import Category


class JointUseQuerySet(models.QuerySet):
    def public_now(self):
        """Those that hold now, in the order in which they were published."""
        return self.filter(published_at__isnull=False, ended_at__isnull=True).order_by("published_at", "pk")

    def before(self, day, third_party, categories, *, until=None, purpose=None):
        """Those that were public before that day began, and still were, for this user and all these categories.

        ``until``: the last day of a period on which they still were. ``purpose``: one that they name.
        """
        rows = self.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gte=midnight_of(until or day)), published_at__lt=midnight_of(day),
            users=third_party, categories__contains=list(categories),
        )  # fmt: skip
        return rows.filter(purposes__contains=[purpose]) if purpose else rows


class JointUse(models.Model):
    """One announcement of joint use with all five items; a change is a new one that replaces it (Article 27(6)).

    Drafted by one person and published by another; public from that moment, and never changed. Written by
    :mod:`consent.services.joint_use`; triggers keep it and its list of users.
    """

    title_ja = models.CharField(_("title (Japanese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("categories"))
    range_ja = models.TextField(_("range of the users (Japanese)"), max_length=2000)
    range_en = models.TextField(_("range of the users (English)"), max_length=2000)
    users = models.ManyToManyField(
        "consent.ThirdParty", related_name="joint_uses", verbose_name=pgettext_lazy("joint use", "users")
    )
    purposes = ArrayField(models.CharField(max_length=16, choices=Purpose), verbose_name=_("purposes of use"))
    manager_ja = models.CharField(_("responsible (Japanese)"), max_length=200)
    manager_en = models.CharField(_("responsible (English)"), max_length=200)
    address_ja = models.CharField(_("address of the responsible (Japanese)"), max_length=300)
    address_en = models.CharField(_("address of the responsible (English)"), max_length=300)
    representative_ja = models.CharField(_("representative of the responsible (Japanese)"), max_length=200)
    representative_en = models.CharField(_("representative of the responsible (English)"), max_length=200)
    replaces = models.ForeignKey(
        "self", models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name=_("replaces")
    )
    drafted_at = models.DateTimeField(_("drafted"), default=timezone.now)
    drafted_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    published_at = models.DateTimeField(pgettext_lazy("joint use", "public since"), null=True, blank=True)
    published_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("published by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ended by")
    )

    objects = JointUseQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "title_ja", "title_en", "categories", "range_ja", "range_en", "purposes", "manager_ja",
            "manager_en", "address_ja", "address_en", "representative_ja", "representative_en", "replaces",
            "drafted_at", "drafted_by", "published_at", "published_by", "ended_at", "ended_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("joint use")
        verbose_name_plural = _("joint uses")
        default_permissions = ["view"]
        permissions = [
            ("draft_jointuse", "Can draft announcements of joint use"),
            ("publish_jointuse", "Can publish and end announcements of joint use"),
        ]
        constraints = [
            at_exactly_with_by("joint_use", "drafted"),
            at_exactly_with_by("joint_use", "published"),
            at_exactly_with_by("joint_use", "ended"),
            models.CheckConstraint(
                name="joint_use_is_published_by_a_second_person",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("drafted_by")),
            ),
            models.UniqueConstraint(
                name="joint_use_is_replaced_by_one", fields=["replaces"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="joint_use_has_all_five_items",
                condition=Q(categories__len__gt=0, purposes__len__gt=0) & ~Q(range_ja="") & ~Q(range_en="")
                & ~Q(manager_ja="") & ~Q(manager_en="") & ~Q(address_ja="") & ~Q(address_en="")
                & ~Q(representative_ja="") & ~Q(representative_en=""),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"JU{self.pk}"

    def _said(self, name):
        return getattr(self, f"{name}_en" if (get_language() or "ja").startswith("en") else f"{name}_ja")

    @property
    def title(self):
        """In the language of the page, as the four below."""
        return self._said("title")

    @property
    def range(self):
        return self._said("range")

    @property
    def manager(self):
        return self._said("manager")

    @property
    def address(self):
        return self._said("address")

    @property
    def representative(self):
        return self._said("representative")

    @property
    def category_labels(self):
        """In the language of the page, as the purposes below."""
        return Category.labels_of(self.categories)

    @property
    def purpose_labels(self):
        return [Purpose(each).label for each in self.purposes]
