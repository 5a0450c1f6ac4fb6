"""Third parties, consents and provisions as tests need them."""

import datetime as dt

from audit.calendar import add_days, today
from consent.models import ThirdParty
from consent.purposes import Purpose
from consent.services import consents, joint_use, provisions, suspensions, third_parties

from .consent import an_actor

PURPOSE = Purpose.INFORMATION
ITEMS = ["NAME", "EMAIL"]
LONG_AGO = dt.date(2024, 4, 1)
PACK = {
    "regime_ja": "包括的な法はない。", "regime_en": "No comprehensive law.", "measures_ja": "契約で定めた措置。",
    "measures_en": "Measures by contract.", "sources": "PPC, report on the country",
}  # fmt: skip
JOINT_USE = {
    "title_ja": "共同利用", "title_en": "Joint use", "range_ja": "株式会社配送", "range_en": "Haiso Inc.",
    "manager_ja": "管理株式会社", "manager_en": "Manager Inc.", "address_ja": "東京都", "address_en": "Tokyo",
    "representative_ja": "管理花子", "representative_en": "Hanako Kanri",
}  # fmt: skip
KIND = {"ENTRUSTMENT": "CONTRACTOR", "SUCCESSION": "SUCCESSOR", "JOINT_USE": "JOINT_USER"}
COUNTRY = {"HOME": "JP", "EQUIVALENT": "DE", "MEASURES": "US", "OFFSHORE": "US"}
STATUTORY = ["LAW", "LIFE", "HEALTH", "STATE", "RESULTS", "JOINT_RESEARCH", "RESEARCH"]
PAPER = {"paper": "照会書 第1号", "paper_on": LONG_AGO}


def a_recipient(basis="CONSENT", place="HOME"):
    """A third party for whom everything is there that the basis wants, at that place in Article 28(1).

    A joint use is announced from tomorrow on: it permits nothing on the day of its publication.
    """
    names = {"name": "株式会社配送", "address": "東京都町田市1-1", "representative": "山田太郎"}
    kind = KIND.get(basis, ThirdParty.Kind.RECIPIENT)
    third_party = third_parties.enter(**names, kind=kind, country=COUNTRY[place], by=an_actor())
    if basis in ("ENTRUSTMENT", "SUCCESSION"):
        days = {"concluded_on": LONG_AGO, "starts_on": LONG_AGO}
        third_parties.agree(third_party, title="業務委託契約", **days, by=an_actor())
    if place == "MEASURES":
        third_parties.put_measures_in_place(
            third_party, system="CONTRACT", outline="By contract.", starts_on=LONG_AGO, by=an_actor()
        )
        third_parties.check(
            third_party, subject="MEASURES", finding="IN_ORDER", remark="Visited.", by=an_actor(),
            checked_on=add_days(today(), -30),
        )  # fmt: skip
    if place in ("MEASURES", "OFFSHORE"):
        third_parties.inform(third_party, **PACK, looked_up_on=today(), by=an_actor())
    if basis == "JOINT_USE":
        an_announcement(third_party)
    return third_party


def an_announcement(third_party, categories=ITEMS):
    announced = joint_use.draft(
        users=[third_party], categories=categories, purposes=[PURPOSE, Purpose.VIOLATIONS], **JOINT_USE, by=an_actor()
    )
    return joint_use.publish(announced, by=an_actor())


def a_wording(third_party, categories=ITEMS):
    texts = {"text_ja": "氏名とメールを渡します。", "text_en": "Name and mail go there."}
    return consents.write(third_party=third_party, purpose=PURPOSE, categories=categories, **texts, by=an_actor())


def agreed(customer, wording, given_on=None):
    values = {"language": "ja", "way": "PAPER", "given_on": given_on or today(), "by": an_actor()}
    return consents.record(customer, wording=wording, **values)


def withdrawn(consent, on=None):
    return consents.withdraw(consent, way="TELEPHONE", withdrawn_on=on or today(), by=an_actor())


def suspended(customer, scope="PROVISION", purpose=""):
    return suspensions.suspend(customer, scope=scope, purpose=purpose, ground="ASKED", by=an_actor())


def wanted(third_party, basis="CONSENT", **said):
    """What is asked of :func:`consent.services.provisions.ask`, for all customers."""
    values = {"purpose": PURPOSE, "categories": ITEMS, "last_on": today(), "selection": "ALL"}
    if basis in STATUTORY:
        values |= PAPER
    return {"third_party": third_party, "basis": basis, **values, **said}


def decided(third_party, basis="CONSENT", *, by=None, **said):
    """A provision that was asked for and decided for each person."""
    by = by or an_actor()
    provision = provisions.ask(**wanted(third_party, basis, **said), by=by)
    provisions.decide(provision, language="ja", by=by)
    provision.refresh_from_db()
    return provision
