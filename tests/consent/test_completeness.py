"""Articles 17, 18, 27 and 32: what a version of the policy must say, and what it may do to the purposes of use."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from audit.models import Entry, Office
from consent.exceptions import NotReady
from consent.models import PolicyStatus, PolicyVersion, PurposeChange
from consent.purposes import Purpose
from consent.services import completeness, joint_use, policies, register, transmissions
from customers.categories import Category
from tests.factories.audit import sign_in
from tests.factories.consent import PolicyVersionFactory, an_actor, make_register, whole_text

from .test_joint_use import published

pytestmark = pytest.mark.django_db
WITHOUT = {  # what is taken out of our own text, and what is said to be missing then
    "Name of the office": (["Office Ant Ltd."], ["Office Ant Ltd."]),
    "Address of the office": (["本町田2918-1"], ["2918-1 Honmachida"]),
    "Representative": (["ヤマザキ"], ["Yamazaki"]),
    "Contact": (["info@"], ["info@"]),
    "Desk for complaints": (["苦情"], ["complaint"]),
    "Fee of a disclosure": (["1,000円"], ["1,000 yen"]),
    "Measures for safe management": (["安全に管理", "安全管理"], ["measures"]),
    "Provision outside Japan": (["外国", "日本国外"], ["foreign country", "outside Japan", "abroad"]),
    "How changes are told": (["施行日"], ["the date"]),
    "How identity is confirmed": (["本人確認", "ご本人であることを確"], ["identity", "who you are", "Who you are"]),
    "Analysis and improvement of services": (["分析"], ["analys"]),
    "Measures against violations of terms or law": (["反する", "違反"], ["violat"]),
}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def lacking(text_ja, text_en):
    return {str(each.requirement.label) for each in completeness.check(text_ja, text_en) if not each.is_there}


def without(language, words):
    text = whole_text(language)
    for word in words:
        text = re.sub(re.escape(word), "…", text, flags=re.IGNORECASE)
    return text


def test_our_own_first_text_says_all():
    assert lacking(whole_text("ja"), whole_text("en")) == set()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("label", WITHOUT)
def test_article_32_what_is_taken_out_is_missed_in_its_language_and_stops_the_version(label, language):
    taken = WITHOUT[label][language == "en"]
    texts = {"ja": whole_text("ja"), "en": whole_text("en"), language: without(language, taken)}
    version = PolicyVersionFactory(text_ja=texts["ja"], text_en=texts["en"])

    assert label in lacking(texts["ja"], texts["en"])
    name = "The English text" if language == "en" else "The Japanese text"
    with pytest.raises(NotReady, match=f"{name} does not say: .*{re.escape(label)}"):
        policies.submit(version, by=an_actor())


@pytest.mark.parametrize("purpose", Purpose)
def test_article_32_each_purpose_is_asked_for(purpose):
    assert str(purpose.label) in lacking("本文", "Text")


@pytest.mark.parametrize(
    "change", [lambda t: t.replace("1,000円", "１０００ 円"), lambda t: t.upper(), lambda t: t.replace("、", "")]
)
def test_width_case_and_spacing_are_of_no_matter(change):
    assert lacking(change(whole_text("ja")), whole_text("en")) == set()


def test_the_facts_are_those_of_the_office_of_today():
    Office.objects.update(representative_ja="見本 次郎", disclosure_fee=800)

    assert {"Representative", "Fee of a disclosure"} <= lacking(whole_text("ja"), whole_text("en"))


PURPOSE = re.compile(r"(?m)^(\d+)\. .*\n")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("number", range(1, 11))
def test_article_32_a_purpose_that_stands_no_longer_in_the_list_is_missed_whatever_is_said_elsewhere(number, language):
    text = whole_text(language)
    begin, end = text.index("## 3. "), text.index("## 4. ")
    section = PURPOSE.sub(lambda found: "" if int(found[1]) == number else found[0], text[begin:end])
    texts = {"ja": whole_text("ja"), "en": whole_text("en"), language: text[:begin] + section + text[end:]}

    assert section != text[begin:end]
    assert lacking(texts["ja"], texts["en"]) == {str(list(Purpose)[number - 1].label)}


SECTIONS = {  # what is missed where the whole section with this number goes
    3: set(Purpose),
    4: {"Measures for safe management"},
    5: {"Provision to third parties", "Provision outside Japan"},
    7: {
        "Request: what can be asked", "Request: how it is made", "Request: records of provision",
        "How identity is confirmed", "Fee of a disclosure",
    },
    8: {"How changes are told"},
    9: {"Name of the office", "Address of the office", "Representative", "Contact", "Desk for complaints"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("number", SECTIONS)
def test_article_32_what_stood_in_a_section_is_missed_with_it(number, language):
    text = re.sub(rf"(?ms)^## {number}\. .*?(?=^## |\Z)", "", whole_text(language))
    texts = {"ja": whole_text("ja"), "en": whole_text("en"), language: text}

    assert lacking(texts["ja"], texts["en"]) == {str(getattr(each, "label", each)) for each in SECTIONS[number]}


@pytest.mark.parametrize("fee", ["11,000円", "1,000円分", "21,000 円", "1,000,000円"])
def test_article_38_another_fee_is_not_taken_for_it(fee):
    is_it = fee == "1,000円分"

    assert ("Fee of a disclosure" in lacking(whole_text("ja").replace("1,000円", fee), whole_text("en"))) != is_it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000円", "1000円"), ("１０００ 円", "1000円"), ("1件 1,000円", "1件1000円"), ("件1、1,000円", "件1|1000円"),
        ("2918\u20101", "2918-1"), ("2918ー1", "2918-1"), ("サーバー", "サーバー"), (None, ""),
    ],
)  # fmt: skip
def test_two_numbers_stay_two_and_dashes_are_one(text, expected):
    assert completeness.plain(text) == expected


def test_a_fact_that_the_office_has_not_entered_is_never_found():
    Office.objects.update(representative_en="")

    assert "Representative" in lacking(whole_text("ja"), whole_text("en"))


def test_a_measure_must_be_named():
    empty = "## 安全に管理するための措置\n\n法令とガイドラインに沿って、必要な措置をとります。\n\n"
    text = re.sub(r"(?ms)^## 4\. .*?(?=^## )", empty, whole_text("ja"))

    assert lacking(text, whole_text("en")) == {"Measures for safe management"}


def unlinked(language, page):
    return whole_text(language).replace(f"]({page})", "](/elsewhere/)")


def test_what_is_sent_to_others_must_be_named_or_its_page_linked_once_it_is_entered():
    said = dict.fromkeys(("sent", "our_purpose", "their_purpose"), "x")
    transmissions.enter(
        service="Survey", recipient="Mihon Survey Inc.", country="US", starts_on=dt.date(2026, 1, 1), by=an_actor(),
        **{f"{name}_{language}": value for name, value in said.items() for language in ("ja", "en")},
    )  # fmt: skip
    ja, en = (unlinked(language, reverse("consent:transmissions")) for language in ("ja", "en"))

    assert lacking(ja, en) == {"What is sent to others: Mihon Survey Inc."}
    assert lacking(f"{ja}\n\nMihon Survey Inc.", f"{en}\n\nMihon Survey Inc.") == set()
    assert lacking(whole_text("ja"), whole_text("en")) == set()


def test_article_27_5_iii_a_joint_use_in_force_must_be_named_or_its_page_linked():
    announced = published()
    ja, en = (unlinked(language, reverse("consent:joint-use")) for language in ("ja", "en"))

    assert lacking(ja, en) == {"Joint use: Joint use for delivery"}
    assert lacking(f"{ja}\n\n{announced.range_ja}", f"{en}\n\n{announced.range_en}") == set()
    assert lacking(whole_text("ja"), whole_text("en")) == set()
    joint_use.end(announced, by=an_actor())
    assert lacking(ja, en) == set()


@pytest.mark.parametrize("name", ["change", "revise"])
def test_the_desk_shows_in_place_and_missing_in_words(client, name):
    version = PolicyVersionFactory(text_en=without("en", ["complaint"]))
    sign_in(client, "notice_author", "en")
    page = client.get(reverse(f"admin:consent_policyversion_{name}", args=[version.pk])).text
    section = page[page.index('id="completeness"') :].split("</section>")[0]

    assert section.count("missing in the") == 1
    assert "missing in the English text:</strong> “complaint”, below a heading with “contact”" in section
    assert "in place in the Japanese text" in section
    assert f"In place in both texts: {len(completeness.requirements()) - 1} subjects" in section
    assert "below a heading with 「目的」" in section


# Article 17(2): what happens to the purposes


@pytest.fixture
def earlier():
    return PolicyVersionFactory.in_force_from("2026-01-01")


NEW_PURPOSE = ("9. 規約などの変更をお知らせするため", "9. 規約などの変更と、提携先の催しをお知らせするため")
JUDGED = [
    ("", False, "", "It is not said what happens"),
    ("NONE", False, "", None),
    ("NONE", True, "", "reads otherwise than before"),
    ("RELATED", True, "", "not said why"),
    ("RELATED", True, "It is near.", None),
    ("NEW_ONLY", True, "  ", "not said why"),
    ("NEW_ONLY", True, "Only of new customers.", None),
    ("BEYOND", True, "It sells.", "each person’s consent is needed first"),
    ("BEYOND", False, "", "each person’s consent is needed first"),
]


@pytest.mark.parametrize(("judged", "changes", "reason", "words"), JUDGED)
@pytest.mark.parametrize(("status", "step"), [("DRAFT", policies.submit), ("SUBMITTED", policies.approve)])
def test_article_17_2_the_purposes_are_judged_before_anything_is_approved(
    earlier, status, step, judged, changes, reason, words
):
    text = whole_text("ja").replace(*NEW_PURPOSE) if changes else whole_text("ja")
    assert (text != earlier.text_ja) == changes
    version = PolicyVersionFactory.at(PolicyStatus(status), text_ja=text, purpose_change=judged, purpose_reason=reason)

    if words is None:
        step(version, by=an_actor())
        assert Entry.objects.latest("id").details["purpose_change"] == judged
        assert reason.strip() == "" or reason not in str(Entry.objects.latest("id").details)
    else:
        with pytest.raises(NotReady, match=words):
            step(version, by=an_actor())


def widen(relatedness, *, version):
    change = register.propose(
        [(Purpose.INFORMATION, Category.TELEPHONE, True)], policy_version=version, relatedness=relatedness,
        judgement="Near.", by=an_actor(),
    )  # fmt: skip
    return register.approve(change, is_read=True, by=an_actor())


def test_article_17_2_no_change_is_refused_where_the_register_permits_more_than_at_the_last_approval(earlier):
    make_register({Purpose.INFORMATION: [Category.EMAIL]}, version=earlier)
    version = PolicyVersionFactory()
    assert policies.obstacles(version) == []  # the first uses of a purpose change no purpose

    change = widen("RELATED", version=earlier)
    with pytest.raises(NotReady, match=f"permits more than when {earlier} was approved: {change}"):
        policies.submit(version, by=an_actor())

    policies.revise(version, purpose_change="RELATED", purpose_reason="It is near.", by=an_actor())
    second = policies.approve(policies.submit(version, by=an_actor()), by=an_actor())
    third = PolicyVersionFactory(effective_on=second.effective_on + dt.timedelta(days=9))
    assert policies.obstacles(third) == []  # it was judged in the version before


def test_what_only_ends_uses_or_was_refused_needs_no_judgement(earlier):
    make_register({Purpose.INFORMATION: [Category.EMAIL, Category.NAME]}, version=earlier)
    ended = register.propose([(Purpose.INFORMATION, Category.NAME, False)], by=an_actor())
    register.approve(ended, by=an_actor())
    proposed = register.propose(
        [(Purpose.INFORMATION, Category.SEX, True)], policy_version=earlier, relatedness="RELATED", judgement="Near.",
        by=an_actor(),
    )  # fmt: skip
    register.refuse(proposed, remark="No.", by=an_actor())

    assert policies.obstacles(PolicyVersionFactory()) == []


@pytest.mark.parametrize(
    ("role", "words"),
    [("notice_author", "A privacy officer writes the wording."), ("auditor", "/admin/consent/wording/")],
)
def test_article_18_1_the_page_leads_from_what_goes_beyond_to_the_wordings(client, earlier, role, words):
    version = PolicyVersionFactory(purpose_change=PurposeChange.BEYOND)
    sign_in(client, role, "en")
    page = client.get(reverse("admin:consent_policyversion_change", args=[version.pk])).text

    assert words in page[page.index("consent is needed first") :][:600]


def test_another_version_approved_meanwhile_is_another_comparison(earlier):
    version = PolicyVersionFactory(effective_on=dt.date(2027, 6, 1))
    seen = policies.fingerprint(version)
    PolicyVersionFactory.in_force_from("2027-03-01")

    assert policies.fingerprint(version) != seen


def test_the_first_version_changes_no_purpose():
    assert policies.obstacles(PolicyVersionFactory(purpose_change="")) == []


@pytest.mark.parametrize(
    "change",
    [lambda t: t + "\n\n## 10. ほか\n\n目的ではない章です。\n", lambda t: t.replace("10の目的", "１０の 目的")],
)
def test_what_changes_elsewhere_or_in_its_width_is_no_change_of_purposes(earlier, change):
    assert policies.purposes_of(change(earlier.text_ja)) == policies.purposes_of(earlier.text_ja)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"purpose_change": "BEYOND"}, "goes_not_beyond_its_purposes"),
        ({"purpose_change": "RELATED", "purpose_reason": ""}, "changed_purposes_says_why"),
        ({"purpose_change": "NEW_ONLY", "purpose_reason": ""}, "changed_purposes_says_why"),
    ],
)
def test_article_18_1_the_database_refuses_the_same(values, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PolicyVersionFactory.at(PolicyStatus.APPROVED, **values)


def test_an_approved_judgement_never_changes(assert_refused, earlier):
    assert_refused("UPDATE consent_policyversion SET purpose_change = 'RELATED', purpose_reason = 'x'", "never changes")


def test_the_author_judges_at_the_desk_and_the_approver_reads_it(client, earlier):
    sign_in(client, "notice_author", "en")
    typed = {"effective_on": "2027-01-01", "purpose_change": "RELATED", "purpose_reason": "People expect it.",
             "summary_ja": "目的を変えます。", "summary_en": "Purposes change.",
             "text_ja": whole_text("ja").replace(*NEW_PURPOSE), "text_en": whole_text("en")}  # fmt: skip
    client.post(reverse("admin:consent_policyversion_draft"), typed)
    version = PolicyVersion.objects.latest("pk")
    assert (version.purpose_change, version.purpose_reason) == (PurposeChange.RELATED, "People expect it.")
    revise = client.get(reverse("admin:consent_policyversion_revise", args=[version.pk])).text
    assert re.search(r'value="RELATED"[^>]* checked', revise)
    client.post(reverse("admin:consent_policyversion_submit", args=[version.pk]), {})
    sign_in(client, "notice_approver", "en")

    assert "People expect it." in client.get(reverse("admin:consent_policyversion_approve", args=[version.pk])).text
