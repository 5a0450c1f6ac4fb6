from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Office(models.Model):
    """The office's facts, one row with history: on every public page and every letter (M9; Article 32(1))."""

    name_ja = models.CharField(_("name (Japanese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    representative_ja = models.CharField(_("representative (Japanese)"), max_length=80)
    representative_en = models.CharField(_("representative (English)"), max_length=80)
    postcode = models.CharField(_("postcode"), max_length=8)
    address_ja = models.CharField(_("address (Japanese)"), max_length=200)
    address_en = models.CharField(_("address (English)"), max_length=200)
    email = models.EmailField(_("contact"))
    established_on = models.DateField(_("established"))
    disclosure_fee = models.PositiveIntegerField(_("fee for a disclosure request (yen)"), default=1000)
    bank_account_ja = models.CharField(_("account for the fee (Japanese)"), max_length=200, blank=True)
    bank_account_en = models.CharField(_("account for the fee (English)"), max_length=200, blank=True)

    history = HistoricalRecords()

    class PersonalData:
        personal = {}
        keep = {
            "id", "name_ja", "name_en", "representative_ja", "representative_en", "postcode", "address_ja",
            "address_en", "email", "established_on", "disclosure_fee", "bank_account_ja", "bank_account_en",
        }  # fmt: skip

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("office")
        constraints = [models.CheckConstraint(name="office_is_one_row", condition=models.Q(pk=1))]

    def __str__(self):
        return str(self.pk)

    def _in_language(self, field):
        return getattr(self, f"{field}_{'en' if get_language() == 'en' else 'ja'}")

    @property
    def name(self):
        """In the language of the page, as the two below."""
        return self._in_language("name")

    @property
    def representative(self):
        return self._in_language("representative")

    @property
    def address(self):
        return self._in_language("address")

    @property
    def bank_account(self):
        """In the other language where it was filled in in that one alone: who is to pay needs it in any."""
        return self._in_language("bank_account") or self.bank_account_ja or self.bank_account_en
