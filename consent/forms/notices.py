"""Forms of the desk for policy versions and notices."""

import datetime as dt
import re
import unicodedata

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from audit.calendar import DateRefused, parse_era
from audit.forms import DeskForm
from consent.exceptions import UnknownField
from consent.mail import FIELDS, check_fields
from consent.models import CampaignKind, PolicyVersion, PurposeChange

DAY = re.compile(r"\s*([^\s/.-]+?)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*")
LONGEST_TEXT = 200_000
SUCH_AS = _("Such as 2026-12-07 or 令和8年12月7日.")  # the help of a DayField
HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co"}


class DayField(forms.CharField):
    """A day as people type it: 2026-12-07, 2026年12月7日, 令和8年12月7日."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        found = DAY.fullmatch(unicodedata.normalize("NFKC", text))
        if not found:
            raise forms.ValidationError(_("Write the day as 2026-12-07 or 令和8年12月7日."))
        try:
            return parse_era(*found.groups())
        except DateRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def prepare_value(self, value):
        return value.isoformat() if hasattr(value, "isoformat") else value


class TextField(forms.CharField):
    """Text of several lines without signs that cannot be seen."""

    def __init__(self, *, rows=6, **options):
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), max_length=LONGEST_TEXT, **options)

    def clean(self, value):
        text = super().clean(value).replace("\r\n", "\n")
        hidden = sorted(
            {f"U+{ord(sign):04X}" for sign in text if unicodedata.category(sign) in HIDDEN and sign not in "\n\t"}
        )
        if hidden:
            raise forms.ValidationError(
                _("The text has signs that cannot be seen: %(signs)s. Delete them and type the place again.")
                % {"signs": ", ".join(hidden[:5])}
            )
        return text


class LineField(TextField):
    """One line of text."""

    def __init__(self, *, longest, **options):
        super().__init__(**options)
        self.widget = forms.TextInput(attrs={"maxlength": longest})
        self.validators = [validator for validator in self.validators if not hasattr(validator, "limit_value")]
        self.longest = longest

    def clean(self, value):
        text = super().clean(value)
        if "\n" in text or "\t" in text:
            raise forms.ValidationError(_("Write this on one line."))
        if len(text) > self.longest:
            raise forms.ValidationError(
                _("This is %(number)s characters long; at most %(longest)s fit.")
                % {"number": len(text), "longest": self.longest}
            )
        return text


class PolicyForm(DeskForm):
    """The texts and the date of a draft. Nothing is required to save: what is missing is said before submitting."""

    effective_on = DayField(
        label=_("In force from"), required=False, help_text=_("As 2026-12-07 or 令和8年12月7日. From 0:00 in Japan.")
    )
    purpose_change = forms.ChoiceField(
        label=_("Purposes of use"), required=False, widget=forms.RadioSelect,
        choices=[("", _("not judged yet, or the first version")), *PurposeChange.choices],
        help_text=_("Against the version before. Who approves it reads this."),
    )  # fmt: skip
    purpose_reason = TextField(
        label=_("Why they may change so"), required=False, rows=3,
        help_text=_("Where they change: how the new purpose is related to the old one, as people would expect."),
    )  # fmt: skip
    summary_ja = TextField(
        label=_("What changes (Japanese)"), required=False, rows=4,
        help_text=_("In short, for customers. It stands above the comparison."),
    )  # fmt: skip
    summary_en = TextField(label=_("What changes (English)"), required=False, rows=4)
    text_ja = TextField(
        label=_("Text (Japanese)"), required=False, rows=24,
        help_text=_("Markdown: ## begins a section, - an item of a list. Japanese is the text that counts."),
    )  # fmt: skip
    text_en = TextField(label=_("Text (English)"), required=False, rows=24, help_text=_("The translation."))

    def __init__(self, *args, version=None, **kwargs):
        if version is not None:
            names = [
                "effective_on",
                "purpose_change",
                "purpose_reason",
                "summary_ja",
                "summary_en",
                "text_ja",
                "text_en",
            ]
            kwargs["initial"] = {name: getattr(version, name) for name in names}
        super().__init__(*args, **kwargs)


class RemarkForm(DeskForm):
    """What is to be mended."""

    remark = TextField(
        label=_("What is to be mended"), rows=4, help_text=_("The author reads this. Write nothing about a customer.")
    )


class ScheduleForm(DeskForm):
    """A moment in Tokyo."""

    day = DayField(label=_("Day"), help_text=SUCH_AS)
    hour = forms.CharField(label=_("Hour"), initial="9:00", help_text=_("In Japan, such as 9:00 or 17:30."))

    def clean_hour(self):
        text = unicodedata.normalize("NFKC", self.cleaned_data["hour"]).strip()
        found = re.fullmatch(r"(\d{1,2})[:時](\d{2})?分?", text)
        if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
            raise forms.ValidationError(_("Write the hour as 9:00 or 17:30."))
        return dt.time(int(found[1]), int(found[2] or 0))

    def clean(self):
        values = super().clean()
        if values.get("day") and values.get("hour"):
            values["at"] = timezone.make_aware(dt.datetime.combine(values["day"], values["hour"]))
        return values


class ApprovePolicyForm(DeskForm):
    """Nothing to fill in; it carries what was read."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, seen="", **kwargs):
        super().__init__(*args, **{"initial": {"seen": seen}, **kwargs})


class ConfirmForm(DeskForm):
    """Nothing to fill in."""


FIRST_WORDS = {
    "title_ja": "【{office_name}】プライバシーポリシー変更のお知らせ",
    "body_ja": (
        "いつもご利用いただき、ありがとうございます。\n\n"
        "{effective_on}から、当社のプライバシーポリシーが変わります。\n"
        "変わる点は、次のページでご覧いただけます。\n{changes_url}\n\n"
        "新しいプライバシーポリシーの全文は、次のページにあります。\n{policy_url}\n\n"
        "お客様にしていただくことはありません。\n"
        "ご質問は、{office_email} までお寄せください。\n\n{office_name}\n"
    ),
    "title_en": "{office_name}: our privacy policy changes",
    "body_en": (
        "Thank you for using our services.\n\n"
        "Our privacy policy changes on {effective_on}.\n"
        "What changes:\n{changes_url}\n\n"
        "The new policy in full:\n{policy_url}\n\n"
        "You need not do anything.\n"
        "If you have questions, write to {office_email}.\n\n{office_name}\n"
    ),
}


class CampaignForm(DeskForm):
    """A notice in both languages; a new one begins with words to start from."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=CampaignKind, widget=forms.RadioSelect, initial=CampaignKind.POLICY_CHANGE,
        help_text=_("All but information about services go to everybody. That one leaves out who stopped it."),
    )  # fmt: skip
    policy_version = forms.ModelChoiceField(
        PolicyVersion.objects.none(), label=_("Version of the policy"), empty_label=_("Choose a version"),
        required=False,
        help_text=_(
            "Of a change of the privacy policy alone. Only approved versions: what customers are told must not change"
            " any more."
        ),
    )  # fmt: skip
    with_reminder = forms.BooleanField(
        label=_("Send it once more a week before the date"), required=False,
        help_text=_("Of a change of the privacy policy alone. It is scheduled when the notice starts."),
    )  # fmt: skip
    title_ja = LineField(label=_("Subject (Japanese)"), longest=120)
    body_ja = TextField(label=_("Text (Japanese)"), rows=12)
    title_en = LineField(label=_("Subject (English)"), longest=120)
    body_en = TextField(label=_("Text (English)"), rows=12)

    def __init__(self, *args, campaign=None, **kwargs):
        kwargs.setdefault("initial", {**FIRST_WORDS, "kind": CampaignKind.POLICY_CHANGE})
        if campaign is not None:
            names = ("kind", "title_ja", "body_ja", "title_en", "body_en", "policy_version", "with_reminder")
            kwargs["initial"] = {name: getattr(campaign, name) for name in names}
        super().__init__(*args, **kwargs)
        self.fields["policy_version"].queryset = PolicyVersion.objects.approved().order_by("-effective_on")
        self.fields["policy_version"].label_from_instance = version_label
        fields = ", ".join(f"{{{name}}} ({words})" for name, words in FIELDS.items())
        self.fields["body_ja"].help_text = _("These are filled in: %(fields)s.") % {"fields": fields}

    def clean(self):
        values = super().clean()
        kind, version = values.get("kind"), values.get("policy_version")
        if kind == CampaignKind.POLICY_CHANGE and version is None and "policy_version" not in self.errors:
            self.add_error("policy_version", _("Choose: %(label)s") % {"label": self.fields["policy_version"].label})
        if kind and kind != CampaignKind.POLICY_CHANGE and version is not None:
            self.add_error("policy_version", _("Only a change of the policy names a version."))
        for name in ("title_ja", "body_ja", "title_en", "body_en"):
            try:
                check_fields(values.get(name, ""), kind=kind or CampaignKind.POLICY_CHANGE)
            except UnknownField as refusal:
                self.add_error(name, str(refusal))
        return values


def version_label(version):
    return f"{version} ({date_format(version.effective_on)})"
