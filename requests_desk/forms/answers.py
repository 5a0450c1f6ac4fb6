"""The seven pages that make a request."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from customers import reading
from requests_desk.models import OFFERED_KINDS, OFFERED_METHODS, OFFERED_WHO, Kind, Method, Who

from .fields import Choose, DateParts, Page, Typed


class KindForm(Page):
    step = "kind"
    kind = Choose(
        [
            (Kind.DISCLOSURE, _("See the data you hold on me"), _("Disclosure. 1,000 yen.")),
            (Kind.CORRECTION, _("Have wrong data corrected"), _("Correction, addition, deletion. Free of charge.")),
            (Kind.SUSPENSION, _("Have my data no longer used, or erased"), _("Free of charge.")),
            (Kind.CESSATION, _("Have my data no longer given to others"), _("Free of charge.")),
            (Kind.PROVISION_RECORDS, _("See to whom you gave my data"), _("Records of provision to third parties.")),
            (Kind.PURPOSE, _("Know what you use my data for"), _("Notification of purposes. Free of charge.")),
            (Kind.INQUIRY, _("Ask how you keep data safe, or something else"), _("Free of charge.")),
        ],
        label=_("What would you like to ask for?"),
        empty=_("Choose what you would like to ask for."),
        offered=OFFERED_KINDS,
    )


class WhoForm(Page):
    step = "who"
    who = Choose(
        [
            (Who.PERSON, _("I ask about my own data"), ""),
            (
                Who.REPRESENTATIVE,
                _("I ask as a legal representative"),
                _("A parent of a person under 18, or a guardian of an adult."),
            ),
            (
                Who.AGENT,
                _("I ask as an agent"),
                _("The person has asked you to do this, with a power of attorney."),
            ),
        ],
        label=_("Who is asking?"),
        empty=_("Choose who is asking."),
        offered=OFFERED_WHO,
    )


class NameForm(Page):
    step = "name"
    heading = _("Your name")
    name = Typed(
        reading.read_name,
        label=_("Your name"),
        empty=_("Enter your name."),
        support=_("As it stands on your identity document. All characters can be used."),
        autocomplete="name",
        spellcheck="false",
    )
    kana = Typed(
        reading.read_kana,
        label=_("Reading of the name"),
        support=_("In hiragana or katakana. It helps us to find your data."),
        optional=True,
        autocomplete="off",
        spellcheck="false",
    )


class ContactForm(Page):
    step = "contact"
    heading = _("How can we reach you?")
    email = Typed(
        reading.read_email,
        label=_("E-mail address"),
        empty=_("Enter your e-mail address."),
        support=_("We send a six-digit number and news of your request to it."),
        control="text",
        inputmode="email",
        autocomplete="email",
        spellcheck="false",
    )
    telephone = Typed(
        reading.read_telephone,
        label=_("Telephone number"),
        support=_("Only for when mail does not reach you. With or without hyphens."),
        optional=True,
        inputmode="tel",
        autocomplete="tel",
        width="width-short",
    )

    def near_miss(self):
        """The address that was perhaps meant, where the typed one looks like a slip. Asked back, never refused."""
        return reading.near_miss(self.cleaned_data["email"]) if self.is_valid() else None


class AddressForm(Page):
    step = "address"
    heading = _("Your address")
    intro = _("We compare it with your identity document.")
    postcode = Typed(
        reading.read_postcode,
        label=_("Postcode"),
        support=_("Seven digits, with or without a hyphen."),
        optional=True,
        control="postcode",
        inputmode="numeric",
        autocomplete="postal-code",
    )
    address = Typed(
        reading.read_address,
        label=_("Address up to the house number"),
        empty=_("Enter your address up to the house number."),
        autocomplete="address-line1",
    )
    building = Typed(
        partial(reading.read_text, limit=200),
        label=_("Building and room"),
        optional=True,
        autocomplete="address-line2",
    )


class BirthForm(Page):
    step = "birth"
    birth_date = DateParts(
        reading.read_date_parts,
        label=_("Date of birth"),
        empty=_("Enter your date of birth."),
        support=_("For example 1985, 4, 3 or 昭和60, 4, 3. It tells you from others of the same name."),
    )


class AboutForm(Page):
    step = "about"
    heading = _("What you would like to see, and how")
    about = Typed(
        partial(reading.read_text, limit=2000, multiline=True),
        label=_("What the request is about"),
        support=_("Leave it empty to see all. A service or a time that you remember helps us, but you need not say."),
        optional=True,
        control="textarea",
    )
    method = Choose(
        [
            (Method.ELECTRONIC, _("Electronic files"), _("You download them from your status page.")),
            (Method.PAPER, _("On paper, by post"), _("We send it to your address. There is no extra charge.")),
        ],
        label=_("How would you like the answer?"),
        empty=_("Choose how you would like the answer."),
        offered=OFFERED_METHODS,
    )


SITE_STEPS = {form.step: form for form in (KindForm, WhoForm, NameForm, ContactForm, AddressForm, BirthForm, AboutForm)}

BY_MAIL = {
    value.lower(): label
    for form in SITE_STEPS.values()
    for field in form.base_fields.values()
    if isinstance(field, Choose)
    for value, label, _support in field.choices
    if value not in field.offered
}
"""What can be chosen and is answered with how to ask by mail: the code in lower case, and what was chosen."""
