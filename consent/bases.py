"""On what basis may data of a person be given to a third party? The law's answer, asked of plain values.

Articles 27 to 29 of the Act; nothing here asks the database. The ledger of provisions, once it is there, looks the
facts up, asks :func:`answer` for each person, and acts on it.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.calendar import last_day_of


class Basis(models.TextChoices):
    """What can permit a provision. Opt-out (Article 27(2)) does not exist here: the policy promises consent."""

    CONSENT = "CONSENT", _("Consent of the person (Articles 27(1) and 28(1))")
    LAW = "LAW", _("A law or regulation of Japan (Article 27(1)(i))")
    LIFE = "LIFE", _("Life, body or property, consent being difficult (Article 27(1)(ii))")
    HEALTH = "HEALTH", _("Public health or children, consent being difficult (Article 27(1)(iii))")
    STATE = "STATE", _("Cooperation with the state, which asking would hinder (Article 27(1)(iv))")
    RESULTS = "RESULTS", _("Publishing or teaching results of research of one’s own (Article 27(1)(v))")
    JOINT_RESEARCH = "JOINT_RESEARCH", _("Research together with the recipient (Article 27(1)(vi))")
    RESEARCH = "RESEARCH", _("Research by an academic institution (Article 27(1)(vii))")
    ENTRUSTMENT = "ENTRUSTMENT", _("Entrustment (Article 27(5)(i))")
    SUCCESSION = "SUCCESSION", _("Succession to the business (Article 27(5)(ii))")
    JOINT_USE = "JOINT_USE", _("Joint use (Article 27(5)(iii))")


STATUTORY = frozenset(
    {Basis.LAW, Basis.LIFE, Basis.HEALTH, Basis.STATE, Basis.RESULTS, Basis.JOINT_RESEARCH, Basis.RESEARCH}
)  # Article 27(1): each with a paper that shows it; they hold abroad too (Article 28(1))
NO_THIRD_PARTY = frozenset({Basis.ENTRUSTMENT, Basis.SUCCESSION, Basis.JOINT_USE})  # Article 27(5)


class Place(models.TextChoices):
    """Where the recipient stands in Article 28(1)."""

    HOME = "HOME", _("In Japan")
    EQUIVALENT = "EQUIVALENT", _("In a country with an equivalent system")
    MEASURES = "MEASURES", _("Abroad, with equivalent measures in place")
    OFFSHORE = "OFFSHORE", _("Abroad")


class ConsentState(models.TextChoices):
    """What there is of the person's consent to this recipient and country, on the day of the provision."""

    NONE = "NONE", _("no consent")
    OTHER = "OTHER", _("consent to something else")
    WITHDRAWN = "WITHDRAWN", _("consent that was withdrawn")
    LATER = "LATER", _("consent that was given later")
    WHOLE = "WHOLE", _("consent to all of it")


class Refusal(models.TextChoices):
    """The rule that forbids a provision, and the way to make it lawful."""

    SUSPENDED = (
        "SUSPENDED",
        _(
            "The data of this person are not to be given to anybody, or not to be used at all (Article 35). It is"
            " lawful once the suspension has been lifted."
        ),
    )
    NO_CONSENT = (
        "NO_CONSENT",
        _("The person has not consented to this recipient (Article 27(1)). Ask for consent first."),
    )
    OTHER_ITEMS = (
        "OTHER_ITEMS",
        _(
            "The consent of the person is to something else: not to every category, to another purpose, or abroad"
            " without the information of Article 28(2) (Article 27(1)). Leave out what it is not to, or ask anew."
        ),
    )
    WITHDRAWN = (
        "WITHDRAWN",
        _("The person has withdrawn the consent (Article 27(1)). Only a new consent makes it lawful."),
    )
    GIVEN_LATER = (
        "GIVEN_LATER",
        _("The consent was given after that day (Article 27(1)). Provide on a day from the consent on."),
    )
    NO_OFFSHORE_CONSENT = (
        "NO_OFFSHORE_CONSENT",
        _(
            "The recipient is abroad, and the person has not consented to that (Article 28(1)). Give the information of"
            " Article 28(2) and ask for consent, or put equivalent measures in place."
        ),
    )
    EXCEPTION_ENDS_ABROAD = (
        "EXCEPTION_ENDS_ABROAD",
        _(
            "Entrustment, succession and joint use do not reach this recipient abroad (Article 28(1)). It takes"
            " equivalent measures, or the consent of each person after the information of Article 28(2)."
        ),
    )
    NO_PAPER = (
        "NO_PAPER",
        _(
            "Nothing shows that this paragraph applies (Article 27(1)). Enter the paper: what it is, its number, its"
            " day."
        ),
    )
    NO_CONTRACT = (
        "NO_CONTRACT",
        _("No contract with the recipient is in force on that day (Articles 25 and 27(5)). Enter the contract first."),
    )
    NOT_ANNOUNCED = (
        "NOT_ANNOUNCED",
        _(
            "No announcement of joint use with all five items was public before that day for this recipient, purpose"
            " and these categories (Article 27(5)(iii)). Publish it first."
        ),
    )


@dataclass(frozen=True)
class Answer:
    """Permitted, or refused by which rule. ``rests_on_consent``: the record of Article 29 is that of a consent."""

    refusal: Refusal | None = None
    rests_on_consent: bool = False

    @property
    def is_permitted(self):
        return self.refusal is None


WITHOUT_CONSENT = {
    ConsentState.NONE: Refusal.NO_CONSENT,
    ConsentState.OTHER: Refusal.OTHER_ITEMS,
    ConsentState.WITHDRAWN: Refusal.WITHDRAWN,
    ConsentState.LATER: Refusal.GIVEN_LATER,
}


def answer(basis, place, consent, *, is_suspended, has_paper=False, has_contract=False, is_announced=False):
    """May the data of one person be given on this basis? Gives an :class:`Answer`.

    ``has_paper``     what Article 27(1)(i) to (vii) stands on is shown by a paper.
    ``has_contract``  one with the recipient is in force on the day (entrustment, succession).
    ``is_announced``  joint use with this recipient, purpose and all these categories was public before the day.

    Suspension comes first: it stops every provision of this ledger, whatever permits it. What an authority orders is
    answered from the register of official inquiries.
    """
    if is_suspended:
        return Answer(Refusal.SUSPENDED)
    if basis in STATUTORY:
        return Answer(None if has_paper else Refusal.NO_PAPER)
    is_free_abroad = place == Place.OFFSHORE
    if basis == Basis.CONSENT:
        if consent == ConsentState.WHOLE:
            return Answer(rests_on_consent=True)
        if is_free_abroad and consent == ConsentState.NONE:
            return Answer(Refusal.NO_OFFSHORE_CONSENT)
        return Answer(WITHOUT_CONSENT[consent])
    if basis == Basis.JOINT_USE and not is_announced:
        return Answer(Refusal.NOT_ANNOUNCED)
    if basis != Basis.JOINT_USE and not has_contract:
        return Answer(Refusal.NO_CONTRACT)
    if is_free_abroad and consent != ConsentState.WHOLE:
        return Answer(Refusal.EXCEPTION_ENDS_ABROAD)
    return Answer(rests_on_consent=is_free_abroad)


def wants_a_record(basis, place, *, rests_on_consent, is_state_body=False):
    """Whether Article 29 wants a record of the provision.

    Not of what Article 27(1)(i) to (vii) permits, nor to an organ of Japan's state or its local bodies; nor of
    entrustment, succession and joint use, unless they go abroad on the strength of a consent (Article 29(1)).
    """
    if basis in STATUTORY or (is_state_body and place == Place.HOME):
        return False
    return rests_on_consent


class Recording(models.TextChoices):
    """How a record is made, which says how long it is kept (Article 29(2); Rules 19 and 21)."""

    EACH = "EACH", pgettext_lazy("record", "For each provision")
    BULK = "BULK", pgettext_lazy("record", "In bulk, for a period")
    DOCUMENT = "DOCUMENT", pgettext_lazy("record", "By the contract or another document")


KEPT_MONTHS = {Recording.EACH: 36, Recording.BULK: 36, Recording.DOCUMENT: 12}


def kept_until(recording, *, made_on, last_provided_on):
    """The last day on which the record must be kept.

    Counted from its making for single records, from the last provision for bulk records and documents.
    """
    begins_on = made_on if recording == Recording.EACH else last_provided_on
    return last_day_of(begins_on, KEPT_MONTHS[recording])
