"""Articles 17, 27(1) and 28(2): a consent permits what was asked for, and abroad after what had to be told."""

import pytest
from django.db import DatabaseError, connection, transaction

from consent.models import Consent, Wording
from consent.purposes import Purpose
from consent.services import consents, provisions
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import ITEMS, PURPOSE, a_recipient, a_wording, agreed, decided, wanted

pytestmark = pytest.mark.django_db
OTHER = Purpose.INQUIRIES  # the register permits the same categories for it


@pytest.fixture(autouse=True)
def register():
    make_register()


def asked(recipient, purpose):
    """A wording that asks for that purpose."""
    texts = {"text_ja": "渡します。", "text_en": "It goes."}
    return consents.write(third_party=recipient, purpose=purpose, categories=ITEMS, **texts, by=an_actor())


def in_the_database(provision, customer, consent):
    """Whether the database itself takes the person into a provision that is not decided yet."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO consent_provisionperson (provision_id, third_party_id, customer_id, consent_id)"
                " VALUES (%s, %s, %s, %s)",
                [provision.pk, provision.third_party_id, customer.pk, consent.pk],
            )
            transaction.set_rollback(True)
    except DatabaseError as error:
        if "No consent of somebody in it covers" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("asked_for", [PURPOSE, OTHER])
@pytest.mark.parametrize("given_for", [PURPOSE, OTHER])
def test_article_27_1_a_consent_permits_the_purpose_for_which_it_was_asked(asked_for, given_for):
    recipient, customer = a_recipient(), make_customer()
    consent = agreed(customer, asked(recipient, asked_for))
    undecided = provisions.ask(**wanted(recipient, purpose=given_for), by=an_actor())

    assert in_the_database(undecided, customer, consent) == (asked_for == given_for)
    provision = decided(recipient, purpose=given_for)
    refusals = list(provision.refusals.values_list("refusal", flat=True))
    assert refusals == ([] if asked_for == given_for else ["OTHER_ITEMS"])
    assert provision.persons.count() == (asked_for == given_for)


@pytest.mark.parametrize("basis", ["CONSENT", "ENTRUSTMENT"])
@pytest.mark.parametrize("is_told", [True, False])
def test_article_28_2_a_consent_abroad_rests_on_what_was_told_before(basis, is_told):
    recipient, customer = a_recipient(basis, "OFFSHORE"), make_customer()
    told = a_wording(recipient)
    wording = told if is_told else Wording.objects.create(  # as one of before the information was entered
        third_party=recipient, version=9, purpose=PURPOSE, categories=ITEMS, text_ja="渡します。", text_en="It goes.",
        pack=None, written_by=an_actor(),
    )  # fmt: skip
    consent = agreed(customer, wording)
    undecided = provisions.ask(**wanted(recipient, basis), by=an_actor())

    assert in_the_database(undecided, customer, consent) == is_told
    assert decided(recipient, basis).persons.count() == is_told


def test_the_second_consent_counts_where_the_first_was_for_something_else():
    recipient, customer = a_recipient(), make_customer()
    for purpose in (OTHER, PURPOSE):
        agreed(customer, asked(recipient, purpose))

    assert decided(recipient).persons.get().consent == Consent.objects.get(wording__purpose=PURPOSE)
