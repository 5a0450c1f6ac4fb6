import datetime as dt
import uuid

import factory
from django.db import connection
from django.utils import timezone

from audit.models import Actor
from consent.models import Campaign, CampaignStatus, Delivery, PolicyStatus, PolicyVersion, PurposeChange, Relatedness
from consent.purposes import FIRST_NEEDS
from consent.services import policies, register
from customers.models import (
    CookieIdentifier,
    Customer,
    Device,
    Event,
    EventKind,
    ExternalAccount,
    Media,
    PaymentMethod,
)
from customers.services import files

from .audit import StaffFactory


def an_actor():
    return StaffFactory().actor


def whole_text(language, more=""):
    """A text of the policy that says all that it must: the office's own first one."""
    return (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8") + more


class RecipientFactory(factory.django.DjangoModelFactory):
    """A customer with a mail address."""

    class Meta:
        model = Customer

    number = factory.Sequence("R{:07}".format)
    email = factory.Sequence("person{}@example.test".format)
    has_email = True
    created_by = factory.LazyFunction(Actor.system)


class PolicyVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PolicyVersion

    number = factory.Sequence(lambda n: n + 1)
    text_ja = factory.LazyFunction(lambda: whole_text("ja"))
    text_en = factory.LazyFunction(lambda: whole_text("en"))
    purpose_change = PurposeChange.NONE
    summary_ja = "文言を改めました。"
    summary_en = "Words were changed."
    effective_on = factory.LazyFunction(timezone.localdate)
    drafted_by = factory.LazyFunction(an_actor)

    @classmethod
    def at(cls, status, **kwargs):
        """A version that stands at the given status, with all that the status implies."""
        now = timezone.now()
        if status in (PolicyStatus.SUBMITTED, PolicyStatus.APPROVED):
            kwargs = {"submitted_at": now, "submitted_by": an_actor(), **kwargs}
        if status == PolicyStatus.APPROVED:
            kwargs = {"approved_at": now, "approved_by": an_actor(), **kwargs}
        if status == PolicyStatus.WITHDRAWN:
            kwargs = {"withdrawn_at": now, "withdrawn_by": an_actor(), **kwargs}
        return cls(status=status, **kwargs)

    @classmethod
    def in_force_from(cls, date, **kwargs):
        return cls.at(PolicyStatus.APPROVED, effective_on=dt.date.fromisoformat(date), **kwargs)


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    number = factory.Sequence(lambda n: n + 1)
    policy_version = factory.LazyFunction(
        lambda: PolicyVersion.objects.approved().first() or PolicyVersionFactory.at(PolicyStatus.APPROVED)
    )
    title_ja = "【{office_name}】プライバシーポリシー改定のお知らせ"
    title_en = "{office_name}: our privacy policy changes"
    body_ja = "{effective_on}から、プライバシーポリシーが変わります。\n{changes_url}\n"
    body_en = "Our privacy policy changes on {effective_on}.\n{changes_url}\n"
    drafted_by = factory.LazyFunction(an_actor)

    @classmethod
    def at(cls, status, **kwargs):
        """A campaign that stands at the given status, with all that the status implies."""
        now = timezone.now()
        if status not in (CampaignStatus.DRAFT, CampaignStatus.STOPPED):
            kwargs = {"submitted_at": now, "submitted_by": an_actor(), **kwargs}
        if status == CampaignStatus.SCHEDULED:
            later = now + dt.timedelta(days=1)
            kwargs = {"scheduled_at": now, "scheduled_by": an_actor(), "scheduled_for": later, **kwargs}
        if status in (CampaignStatus.SENDING, CampaignStatus.PAUSED, CampaignStatus.DONE):
            kwargs = {"started_at": now, "started_by": an_actor(), **kwargs}
        if status == CampaignStatus.PAUSED:
            kwargs = {"paused_at": now, "paused_by": an_actor(), **kwargs}
        if status.is_final:
            kwargs = {"finished_at": now, "finished_by": an_actor(), **kwargs}
        return cls(status=status, **kwargs)


class DeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Delivery

    campaign = factory.LazyFunction(lambda: CampaignFactory.at(CampaignStatus.SENDING, recipients=1))
    customer = factory.SubFactory(RecipientFactory)


def make_register(needs=None, *, version=None):
    """A register that two people made: the first needs of each purpose, or ``{purpose: [categories]}``."""
    version = version or PolicyVersion.objects.in_force_on(timezone.localdate()).first()
    version = version or PolicyVersionFactory.at(PolicyStatus.APPROVED)
    wanted = {(purpose, category) for purpose, found in (needs or FIRST_NEEDS).items() for category in found}
    change = register.propose(
        register.differences(wanted | register.standing()),
        policy_version=version,
        relatedness=Relatedness.FIRST,
        judgement="The first table.",
        by=an_actor(),
    )
    return register.approve(change, is_read=True, by=an_actor())


def give_everything(customer, *, mark="x"):
    """Rows of all nine categories that hang on a customer; ``mark`` stands in each of their values."""
    said = {"customer": customer, "created_by": Actor.system()}
    made = [
        PaymentMethod(kind=PaymentMethod.Kind.CARD, brand=f"brand {mark}", last_four="4242", **said),
        ExternalAccount(service=f"service {mark}", account=f"account {mark}", authorised=[f"read {mark}", "b"], **said),
        CookieIdentifier(value=f"cookie {mark}", **said),
        Device(system=f"system {mark}", kind="phone", **said),
    ]
    for row in made:
        row.fingerprint = row.identify()
        row.save()
    Media.objects.create(
        kind=Media.Kind.VIDEO, title=f"title {mark}", **said,
        file=files.seal(b"video", name="video.mp4", media_type="video/mp4", by=Actor.system(), persons=[customer]),
    )  # fmt: skip
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_event_month(%s)", [at])
    for kind in EventKind:
        Event.objects.create(at=at, line=uuid.uuid4(), customer=customer, kind=kind, data={"said": f"{kind} {mark}"})
