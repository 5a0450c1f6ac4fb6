"""What a text of the policy must say: Article 32(1), Article 10 of the Cabinet Order, and the office's own promises.

Found by words that must stand in the text, in any width and spacing; what is looked for is shown to who writes.
"""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.calendar import today
from audit.services import office as offices
from consent.models import ExternalTransmission, JointUse
from consent.purposes import Purpose

JA, EN = "ja", "en"


@dataclass(frozen=True)
class Requirement:
    """``words``: ``{language: groups}``; of each group (alternatives) one must stand in the text of that language."""

    label: str
    article: str
    words: dict

    def missing(self, language, text):
        """The groups of which no word stands in ``text`` (as :func:`plain` gives it)."""
        return [group for group in self.words[language] if not any(plain(word) in text for word in group)]


@dataclass(frozen=True)
class Found:
    """One requirement held against both texts: what of it is missing in which, in words; ``""`` where it is there."""

    requirement: Requirement
    missing_ja: str
    missing_en: str

    @property
    def is_there(self):
        return not (self.missing_ja or self.missing_en)


PUBLIC = _("Article 32(1)")
ORDER = _("Article 10 of the Cabinet Order")
PROMISE = _("the policy itself")
OF_PURPOSE = {
    Purpose.REGISTRATION: ([("登録",), ("認証", "本人確認")], [("regist",), ("authenticat", "identity")]),
    Purpose.USAGE: ([("利用の記録", "利用履歴")], [("record of your use", "history of use", "usage history")]),
    Purpose.PAYMENT: ([("支払", "料金")], [("payment",)]),
    Purpose.IMPROVEMENT: ([("分析",), ("改善",)], [("analys", "analyz"), ("improv",)]),
    Purpose.INFORMATION: ([("案内",)], [("inform you about our services", "information about our services")]),
    Purpose.INQUIRIES: ([("問い合わせ", "問合せ")], [("inquir",)]),
    Purpose.VIOLATIONS: ([("反する", "違反")], [("violat",)]),
    Purpose.SERVICE_CHANGES: (
        [("サービスの変更", "サービスの終了"), ("終了",)], [("end of a service", "end of our service")],
    ),
    Purpose.TERMS_CHANGES: ([("規約",), ("変更",)], [("changes to our terms", "change of terms", "changes of terms")]),
    Purpose.PROVIDING: ([("提供",), ("保護",)], [("provide",), ("protect",)]),
}  # fmt: skip
OF_LAW = [
    Requirement(_("Request: what can be asked"), PUBLIC, {
        JA: [("開示",), ("訂正",), ("停止",), ("消去", "削除")],
        EN: [("disclosure",), ("correction",), ("suspension",), ("erasure", "deletion")],
    }),
    Requirement(_("Request: how it is made"), PUBLIC, {
        JA: [("申し込み", "申込", "請求の方法", "手続")],
        EN: [("how to make a request", "make a request", "procedure")],
    }),
    Requirement(_("How identity is confirmed"), _("Article 37"), {
        JA: [("本人確認", "本人であることを確")], EN: [("identity", "who you are")],
    }),
    Requirement(_("Measures for safe management"), ORDER, {
        JA: [("安全に管理", "安全管理"), ("措置",)], EN: [("protect", "security", "safe management"), ("measures",)],
    }),
    Requirement(_("Desk for complaints"), ORDER, {JA: [("苦情",)], EN: [("complaint",)]}),
    Requirement(_("Provision to third parties"), _("Article 27"), {
        JA: [("第三者",), ("同意",)], EN: [("third part",), ("consent",)],
    }),
    Requirement(_("Provision outside Japan"), _("Article 28"), {
        JA: [("外国", "国外", "日本国外")], EN: [("foreign country", "outside japan", "abroad")],
    }),
    Requirement(_("How changes are told"), PROMISE, {
        JA: [("施行日", "施行時期"), ("お知らせ", "通知")], EN: [("change",), ("the date", "effective date")],
    }),
]  # fmt: skip


def requirements():
    """All that holds for this office now, in the order in which they are shown."""
    office = offices.current()
    facts = [
        Requirement(_("Name of the office"), PUBLIC, {JA: [(office.name_ja,)], EN: [(office.name_en,)]}),
        Requirement(_("Address of the office"), PUBLIC, {JA: [(office.address_ja,)], EN: [(office.address_en,)]}),
        Requirement(
            _("Representative"), PUBLIC, {JA: [(office.representative_ja,)], EN: [(office.representative_en,)]}
        ),
        Requirement(_("Contact"), PUBLIC, {JA: [(office.email,)], EN: [(office.email,)]}),
    ]
    purposes = [Requirement(each.label, PUBLIC, dict(zip((JA, EN), OF_PURPOSE[each], strict=True))) for each in Purpose]
    fee = f"{office.disclosure_fee:,}"
    words = {JA: [(f"{fee}円",)], EN: [(f"{fee} yen",)]}
    fees = Requirement(_("Fee of a disclosure"), _("Article 38"), words)
    return [*facts, *purposes, *OF_LAW, fees, *_of_registers()]


def _of_registers():
    """What other registers of the office oblige the policy to say."""
    if JointUse.objects.public_now().exists():
        yield Requirement(_("Joint use"), _("Article 27(5)(iii)"), {JA: [("共同利用",)], EN: [("joint use",)]})
    for transmission in ExternalTransmission.objects.shown_on(today()):
        words = [(transmission.recipient, "/transmissions/")]
        yield Requirement(
            _("What is sent to others: %(name)s") % {"name": transmission.recipient},
            _("Article 27-12 of the Telecommunications Business Act"), {JA: words, EN: words},
        )  # fmt: skip


def check(text_ja, text_en):
    """``[Found]``: each requirement held against the Japanese text and its translation."""
    texts = {JA: plain(text_ja), EN: plain(text_en)}
    return [
        Found(each, *(in_words(each.missing(language, texts[language]), language) for language in (JA, EN)))
        for each in requirements()
    ]


def in_words(groups, language):
    """The words that are looked for: “a” or “b”, and “c”."""
    either, both = (" または ", "、") if language == JA else (" or ", ", ")
    mark = "「{}」" if language == JA else "“{}”"
    return both.join(either.join(mark.format(word) for word in group) for group in groups)


def plain(text):
    """A text as it is compared: one width, small letters, no white space and no commas."""
    found = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(sign for sign in found if not sign.isspace() and sign not in ",、")


def sentences(text_ja, text_en):
    """What is missing as sentences for staff, the Japanese text first; none where both are complete."""
    found = [each for each in check(text_ja, text_en) if not each.is_there]
    said = []
    for language, name in ((JA, _("The Japanese text")), (EN, _("The English text"))):
        lacks = [each for each in found if getattr(each, f"missing_{language}")]
        if lacks:
            between = pgettext("desk", ", ")
            what = between.join(f"{each.requirement.label} ({each.requirement.article})" for each in lacks)
            said.append(_("%(text)s does not say: %(what)s.") % {"text": name, "what": what})
    return said
