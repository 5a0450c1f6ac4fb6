"""What a text of the policy must say: Article 32(1), Article 10 of the Cabinet Order, and the office's own promises.

Found by words that must stand in the section where readers look for them, in any width and spacing. What is looked for,
and where, is shown to who writes.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.calendar import today
from audit.services import office as offices
from consent.models import ExternalTransmission, JointUse
from consent.purposes import Purpose

from .markdown import blocks

JA, EN = "ja", "en"
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")


@dataclass(frozen=True)
class Requirement:
    """``words``: ``{language: groups}``; of each group (alternatives) one must stand in the text of that language.

    ``section``: ``{language: words}``, of which one stands in the heading of the section that must have them; without
    it they may stand anywhere. A section reaches to the next heading of its level.
    """

    code: str
    label: str
    article: str
    words: dict
    section: dict = field(default_factory=dict)

    def missing(self, language, text):
        """The groups of which no word stands where it must in ``text``, a :class:`Text`."""
        place = text.within(self.section[language]) if self.section else text.whole
        return [group for group in self.words[language] if not any(stands_in(word, place) for word in group)]

    def sought(self, language, groups=None):
        """What is looked for and where, in words; of ``groups`` alone where given."""
        words = in_words(self.words[language] if groups is None else groups, language)
        if not self.section:
            return words
        heading = in_words([self.section[language]], language)
        return _("%(words)s, below a heading with %(heading)s") % {"words": words, "heading": heading}

    @property
    def sought_ja(self):
        return self.sought(JA)

    @property
    def sought_en(self):
        return self.sought(EN)


@dataclass(frozen=True)
class Found:
    """One requirement held against both texts: what of it is missing in which, in words; ``""`` where it is there."""

    requirement: Requirement
    missing_ja: str
    missing_en: str

    @property
    def is_there(self):
        return not (self.missing_ja or self.missing_en)


class Text:
    """A text to be searched, whole and by section."""

    def __init__(self, text):
        self._blocks = blocks(text or "")
        self.whole = plain("\n".join(block.text for block in self._blocks))

    def within(self, headings):
        """What stands below headings in which one of these words stands, without the headings themselves."""
        return plain("\n".join(block.text for block in below(self._blocks, headings)))


PUBLIC = _("Article 32(1)")
ORDER = _("Article 10 of the Cabinet Order")
PROMISE = _("the policy itself")
# where readers look for it: words of the heading
PURPOSES = {JA: ("目的",), EN: ("purpose", "what we use it for", "how we use")}
REQUESTS = {JA: ("請求", "開示"), EN: ("request", "disclosure")}
MEASURES = {JA: ("安全",), EN: ("protect", "security", "safe")}
THIRD_PARTIES = {JA: ("第三者", "提供"), EN: ("third part", "provision")}
CONTACT = {JA: ("問い合わせ", "問合せ", "窓口", "苦情"), EN: ("contact", "inquir", "complaint")}
CHANGES = {JA: ("変更", "改定", "改訂"), EN: ("change", "revision")}
OF_PURPOSE = {
    Purpose.REGISTRATION: ([("登録",), ("認証", "本人確認")], [("regist",), ("authenticat", "identity")]),
    Purpose.USAGE: ([("利用の記録", "利用履歴")], [("record of your use", "history of use", "usage history")]),
    Purpose.PAYMENT: ([("支払", "決済")], [("payment",)]),
    Purpose.IMPROVEMENT: ([("分析",), ("改善",)], [("analys", "analyz"), ("improv",)]),
    Purpose.INFORMATION: ([("案内",)], [("inform you about our services", "information about our services")]),
    Purpose.INQUIRIES: ([("問い合わせ", "問合せ")], [("inquir",)]),
    Purpose.VIOLATIONS: ([("反する", "違反")], [("violat",)]),
    Purpose.SERVICE_CHANGES: (
        [("サービスの変更", "サービスの終了", "サービスの中断")], [("end of a service", "end of our service")],
    ),
    Purpose.TERMS_CHANGES: (
        [("規約などの変更", "規約等の変更", "規約の変更")],
        [("changes to our terms", "change of terms", "changes of terms")],
    ),
    Purpose.PROVIDING: ([("提供",), ("保護",)], [("provide our", "provide, maintain", "provide the"), ("protect",)]),
}  # fmt: skip
OF_LAW = [
    Requirement("REQUESTS", _("Request: what can be asked"), PUBLIC, {
        JA: [("開示",), ("訂正",), ("停止",), ("消去", "削除")],
        EN: [("disclosure",), ("correction",), ("suspension",), ("erasure", "deletion")],
    }, REQUESTS),
    Requirement("RECORDS", _("Request: records of provision"), _("Article 33(5)"), {
        JA: [("提供記録", "提供の記録")], EN: [("records of provision", "record of provision")],
    }, REQUESTS),
    Requirement("PROCEDURE", _("Request: how it is made"), PUBLIC, {
        JA: [("申し込み", "申込", "請求の方法", "手続")], EN: [("make a request", "procedure")],
    }, REQUESTS),
    Requirement("IDENTITY", _("How identity is confirmed"), _("Article 37"), {
        JA: [("本人確認", "本人であることを確")], EN: [("identity", "who you are")],
    }, REQUESTS),
    Requirement("MEASURES", _("Measures for safe management"), ORDER, {
        JA: [("措置",), ("暗号", "アクセス", "権限", "役割", "施錠", "研修", "規程")],
        EN: [("measures",), ("encrypt", "access", "role", "lock", "training", "rules")],
    }, MEASURES),
    Requirement("COMPLAINTS", _("Desk for complaints"), ORDER, {JA: [("苦情",)], EN: [("complaint",)]}, CONTACT),
    Requirement("THIRD_PARTIES", _("Provision to third parties"), _("Article 27"), {
        JA: [("第三者",), ("同意",)], EN: [("third part",), ("consent",)],
    }, THIRD_PARTIES),
    Requirement("ABROAD", _("Provision outside Japan"), _("Article 28"), {
        JA: [("外国", "国外"), ("同意",)], EN: [("foreign country", "outside japan", "abroad"), ("consent",)],
    }, THIRD_PARTIES),
    Requirement("CHANGES", _("How changes are told"), PROMISE, {
        JA: [("施行日", "施行時期"), ("お知らせ", "通知")], EN: [("the date", "effective date"), ("tell", "notify")],
    }, CHANGES),
]  # fmt: skip


def requirements():
    """All that holds for this office now, in the order in which they are shown."""
    office = offices.current()
    facts = [
        Requirement("NAME", _("Name of the office"), PUBLIC, {JA: [(office.name_ja,)], EN: [(office.name_en,)]}),
        Requirement(
            "ADDRESS", _("Address of the office"), PUBLIC, {JA: [(office.address_ja,)], EN: [(office.address_en,)]}
        ),
        Requirement(
            "REPRESENTATIVE", _("Representative"), PUBLIC,
            {JA: [(office.representative_ja,)], EN: [(office.representative_en,)]},
        ),
        Requirement("CONTACT", _("Contact"), PUBLIC, {JA: [(office.email,)], EN: [(office.email,)]}, CONTACT),
    ]  # fmt: skip
    purposes = [
        Requirement(each.value, each.label, PUBLIC, dict(zip((JA, EN), OF_PURPOSE[each], strict=True)), PURPOSES)
        for each in Purpose
    ]
    fee = f"{office.disclosure_fee:,}"  # the desk for requests asks for the same
    words = {JA: [(f"{fee}円",)], EN: [(f"{fee} yen",)]}
    fees = Requirement("FEE", _("Fee of a disclosure"), _("Article 38"), words, REQUESTS)
    return [*facts, *purposes, *OF_LAW, fees, *_of_registers()]


def _of_registers():
    """What other registers of the office oblige the policy to say, or to link."""
    page = reverse("consent:joint-use")
    for joint_use in JointUse.objects.public_now():
        yield Requirement(
            str(joint_use), _("Joint use: %(title)s") % {"title": joint_use.title}, _("Article 27(5)(iii)"),
            {JA: [(joint_use.range_ja, page)], EN: [(joint_use.range_en, page)]},
        )  # fmt: skip
    page = reverse("consent:transmissions")
    for transmission in ExternalTransmission.objects.shown_on(today()):
        words = [(transmission.recipient, page)]
        yield Requirement(
            str(transmission), _("What is sent to others: %(name)s") % {"name": transmission.recipient},
            _("Article 27-12 of the Telecommunications Business Act"), {JA: words, EN: words},
        )  # fmt: skip


def check(text_ja, text_en):
    """``[Found]``: each requirement held against the Japanese text and its translation."""
    texts = {JA: Text(text_ja), EN: Text(text_en)}
    found = []
    for each in requirements():
        lacks = {language: each.missing(language, texts[language]) for language in texts}
        said = (each.sought(language, groups) if groups else "" for language, groups in lacks.items())
        found.append(Found(each, *said))
    return found


def below(parts, headings):
    """The blocks below each heading in which one of ``headings`` stands, to the next heading of its level."""
    found, level = [], None
    for block in parts:
        if block.tag.startswith("h") and (level is None or block.tag <= level):
            level = block.tag if any(stands_in(word, plain(block.text)) for word in headings) else None
        elif level is not None:
            found.append(block)
    return found


def in_words(groups, language):
    """The words that are looked for: “a” or “b”, and “c”."""
    either, both = ("または", "、") if language == JA else (" or ", ", ")
    mark = "「{}」" if language == JA else "“{}”"
    return both.join(either.join(mark.format(word) for word in group) for group in groups)


def plain(text):
    """A text as it is compared: one width, small letters, one dash, no white space and no commas.

    Two numbers beside each other stay two; 1,000 is one.
    """
    found = unicodedata.normalize("NFKC", text or "").translate(DASHES).casefold()
    found = re.sub(r"(?<=\d)ー(?=\d)", "-", found)
    found = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", found)
    found = re.sub(r"(?<=\d)[\s,、]+(?=\d)", "|", found)
    return re.sub(r"[\s,、]", "", found)


def stands_in(word, text):
    """Whether the word stands in a text that :func:`plain` gave. A number is found as a whole, nothing nowhere."""
    word = plain(word)
    if not word:
        return False
    before, after = (r"(?<!\d)" if word[0].isdigit() else "", r"(?!\d)" if word[-1].isdigit() else "")
    return re.search(before + re.escape(word) + after, text) is not None


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
