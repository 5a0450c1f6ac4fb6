"""To whom the demo's office gives data, and why it may: invented parties, consents, a provision, a joint use."""

from django.utils import timezone

from audit.calendar import add_days
from consent.bases import Basis
from consent.models import Export
from consent.purposes import Purpose
from consent.services import asking, consents, joint_use, provisions, third_parties
from customers.models import Customer

from .staff import actor_of

PACK = {
    "regime_ja": "国全体の包括的な個人情報保護法はなく、分野ごとと州ごとの法律がある。\n"
    "国の機関による広い情報の取得を認める法律がある。",
    "regime_en": "There is no comprehensive law of the country, but laws of fields and states. Agencies may get much.",
    "measures_ja": "OECDの8原則に当たる措置を、契約によりすべて行う。",
    "measures_en": "By contract it does all that the eight OECD principles want.",
    "sources": "個人情報保護委員会「外国における個人情報の保護に関する制度等の調査」",
}  # fmt: skip
ANNOUNCED = {
    "title_ja": "配送状況の確認のための共同利用", "title_en": "Joint use to follow deliveries",
    "range_ja": "見本ロジ株式会社", "range_en": "Mihon Logi Inc.",
    "manager_ja": "オフィスアント", "manager_en": "Office Ant Ltd.",
    "address_ja": "東京都町田市（見本）", "address_en": "Machida, Tokyo (sample)",
    "representative_ja": "見本 太郎", "representative_en": "Taro Mihon",
}  # fmt: skip


def make_provisions():
    """A carrier with its contract and what it got; a recipient abroad by consent; a joint use from tomorrow on.

    Of a sample of fewer than six customers nothing is given.
    """
    today, officer = timezone.localdate(), actor_of("privacy_officer")
    people = list(Customer.objects.with_email().order_by("pk")[:6])
    if len(people) < 6:
        return
    carrier = _enter("CONTRACTOR", "見本運送株式会社", "JP")
    began = add_days(today, -340)
    third_parties.agree(carrier, title="配送業務委託契約", concluded_on=began, starts_on=began, by=officer)
    provisions.ask(
        third_party=carrier, basis=Basis.ENTRUSTMENT, purpose=Purpose.SERVICE_CHANGES,
        categories=["NAME", "ADDRESS"], last_on=today, selection=Export.Selection.NUMBERS,
        numbers=[person.number for person in people[:5]], language="ja", by=actor_of("handler"),
    )  # fmt: skip
    abroad = _enter("RECIPIENT", "Mihon Survey Inc.", "US")
    third_parties.inform(abroad, **PACK, looked_up_on=add_days(today, -20), by=officer)
    wording = consents.write(
        third_party=abroad, purpose=Purpose.INQUIRIES, categories=["NAME", "EMAIL"], by=officer,
        text_ja="お問い合わせの満足度を調べるため、お名前とメールアドレスを渡します。",
        text_en="We give your name and mail address, to ask how content you were with our answers.",
    )  # fmt: skip
    for person in people[:4]:
        consents.record(person, wording=wording, language="ja", way="COUNTER", given_on=today, by=actor_of("handler"))
    asking.ask(people[5], wording=wording, by=actor_of("handler"))
    announced = joint_use.draft(
        users=[_enter("JOINT_USER", "見本ロジ株式会社", "JP")], categories=["NAME", "ADDRESS"],
        purposes=[Purpose.SERVICE_CHANGES], **ANNOUNCED, by=officer,
    )  # fmt: skip
    joint_use.publish(announced, by=actor_of("approver"))


def _enter(kind, name, country):
    said = {"address": "東京都千代田区（見本）", "representative": "見本 次郎"}
    if country != "JP":
        said = {"address": "Sample City, US", "representative": "Jane Sample"}
    return third_parties.enter(kind=kind, name=name, country=country, **said, by=actor_of("privacy_officer"))
