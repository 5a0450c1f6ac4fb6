"""What can be done with the rows of a customer's page: one decision for each kind and act."""

from functools import partial

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.admin.base import DecisionView, NotNow, Panel
from customers.exceptions import CustomersError
from customers.forms import BELONGINGS, AddForm, ChangeForm, PhotoForm, ReasonForm, VideoForm, belonging_of
from customers.models import CookieIdentifier, Device, ExternalAccount, Media, PaymentMethod
from customers.services import changes, media

from . import sections

PERMISSION = "customers.correct_customer"
CHANGED = _(
    "What you enter replaces what is held; what you leave empty stays. "
    "Before and after are kept in the customer’s history."
)
REMOVED = _("It is no longer held as current. The customer’s history keeps it until it is erased.")


def may_add(request, customer):
    """Nothing new for who was erased, nor on an alias: what is new belongs to the record that stays."""
    if customer.is_erased:
        return NotNow(_("The data were erased."))
    if customer.merged_into_id:
        address = reverse("admin:customers_customer_change", args=[customer.merged_into_id])
        return NotNow(_("This record is an alias."), address, _("To the record that stays"))
    return None


def _back_to(slug):
    def next_url(request, customer, result):
        return reverse("admin:customers_customer_change", args=[customer.pk]) + f"#{slug}"

    return next_url


def _row(model):
    return lambda request, customer, number: sections.row_of(model, customer, number)


def _beside(request, row):
    """The row itself, masked, beside the form that changes it."""
    return [Panel("held", _("What is held"), records=[sections.record_of(row)], default_reason="CORRECTION")]


def _add(of, section, verb, done):
    belonging = BELONGINGS[of]
    return DecisionView(
        AddForm, changes.add, verb, name=f"add-{of}", permission=PERMISSION, section=section, done=done, may=may_add,
        explain=_("It is kept sealed, and masked on the customer’s page."), next_url=_back_to(section),
        arguments=lambda request, customer: {"of": belonging},
        call=lambda request, customer, values: changes.add(
            customer, belonging.model, **values, by=request.user.actor
        ),
    )  # fmt: skip


def _change(model, name, section, done):
    return DecisionView(
        ChangeForm, changes.change, _("Change the values"), name=f"change-{name}", permission=PERMISSION,
        section=section, title=_("Change what is held"), explain=CHANGED, done=done, part=_row(model),
        next_url=_back_to(section),
        arguments=lambda request, row: {"of": belonging_of(row), "row": row}, panels=_beside,
    )  # fmt: skip


def _remove(model, name, section, done):
    return DecisionView(
        ReasonForm, changes.remove, _("Remove it"), name=f"remove-{name}", permission=PERMISSION, section=section,
        title=_("Remove what is no longer current"), explain=REMOVED, done=done, part=_row(model),
        next_url=_back_to(section), arguments=lambda request, row: {"row": row}, panels=_beside,
    )  # fmt: skip


def _may_withdraw(request, account):
    if account.withdrawn_at:
        return NotNow(_("The authorisation is withdrawn already."))
    return None if account.authorises else NotNow(_("This service was authorised nothing."))


WITHDRAW = DecisionView(
    ReasonForm, changes.withdraw, _("Withdraw the authorisation"), name="withdraw-external-id", permission=PERMISSION,
    section="external_id", title=_("Withdraw the authorisation of an external service"), part=_row(ExternalAccount),
    explain=_(
        "From now on the service is no longer authorised to give us anything. What it was, since when and until when, "
        "stays on record."
    ),
    done=_("%(number)s: the authorisation was withdrawn."), may=_may_withdraw, next_url=_back_to("external_id"),
    arguments=lambda request, row: {"row": row}, panels=_beside,
)  # fmt: skip


def _as_form_error(work):
    """Words of a refused picture as an error of the form."""
    try:
        return work()
    except CustomersError as error:
        raise ValidationError({"file": str(error)}) from None


def _add_photo(request, customer, values):
    return _as_form_error(
        partial(
            media.add_photo, customer, values["file"].read(), title=values["title"], by=request.user.actor
        )
    )  # fmt: skip


def _add_video(request, customer, values):
    file = values["file"]
    return _as_form_error(
        partial(
            media.add_video, customer, file.chunks(), size=file.size, title=values["title"], by=request.user.actor
        )
    )  # fmt: skip


MEDIA = [
    DecisionView(
        PhotoForm, media.add_photo, _("Add a photo"), name="add-photo", permission=PERMISSION, section="media",
        call=_add_photo, may=may_add, done=_("%(number)s: the photo is kept, sealed."), next_url=_back_to("media"),
    ),
    DecisionView(
        VideoForm, media.add_video, _("Add a video"), name="add-video", permission=PERMISSION, section="media",
        call=_add_video, may=may_add, done=_("%(number)s: the video is kept, sealed."), next_url=_back_to("media"),
    ),
    DecisionView(
        ReasonForm, media.remove, _("Remove it"), name="remove-media", permission=PERMISSION, section="media",
        title=_("Remove a photo or video"), part=_row(Media), next_url=_back_to("media"), panels=_beside,
        cannot_undo=_("The content of the file is destroyed; no history keeps it."),
        done=_("%(number)s: the photo or video was removed with its content."),
    ),
]  # fmt: skip

DECISIONS = [
    _add("card", "payment", _("Add a card"), _("%(number)s: the card was added.")),
    _add("bank", "payment", _("Add a bank account"), _("%(number)s: the bank account was added.")),
    _add("e-money", "payment", _("Add electronic money"), _("%(number)s: the electronic money was added.")),
    _change(PaymentMethod, "payment", "payment", _("%(number)s: the means of payment was changed.")),
    _remove(PaymentMethod, "payment", "payment", _("%(number)s: the means of payment was removed.")),
    _add("external-id", "external_id", _("Add an external ID"), _("%(number)s: the external ID was added.")),
    _change(ExternalAccount, "external-id", "external_id", _("%(number)s: the external ID was changed.")),
    WITHDRAW,
    _remove(ExternalAccount, "external-id", "external_id", _("%(number)s: the external ID was removed.")),
    _add("cookie", "cookie", _("Add a cookie identifier"), _("%(number)s: the cookie identifier was added.")),
    _change(CookieIdentifier, "cookie", "cookie", _("%(number)s: the cookie identifier was changed.")),
    _remove(CookieIdentifier, "cookie", "cookie", _("%(number)s: the cookie identifier was removed.")),
    _add("device", "device", _("Add a device"), _("%(number)s: the device was added.")),
    _change(Device, "device", "device", _("%(number)s: the device was changed.")),
    _remove(Device, "device", "device", _("%(number)s: the device was removed.")),
    *MEDIA,
]
