"""What a search key is made of: the same text whichever of its usual forms a person typed."""

import re
import unicodedata

from .kanji import GROUPS

HIRAGANA = {0x30A1 + step: chr(0x3041 + step) for step in range(0x30F6 - 0x30A1 + 1)}  # ァ to ヶ
SMALL = dict(
    zip(
        "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿヷヸヹヺヲヰヱヂヅぁぃぅぇぉっゃゅょゎゕゖをゐゑぢづ",
        "あいうえおつやゆよわかけくしすとぬはひふへほむらりるれろわいえおおいえじずあいうえおつやゆよわかけおいえじず",
        strict=True,
    )
)
LATIN = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t",
}  # fmt: skip
LONG_MARKS = "ーｰ〜～"
OTHER_FORMS = {form: group[0] for group in GROUPS.split() for form in group[1:]}
DROPPED = {
    code: None
    for first, last in [(0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180D), (0x200B, 0x200F), (0x2060, 0x2064)]
    for code in range(first, last + 1)
} | {0xAD: None, 0xFEFF: None}  # variation selectors and what has no width
ALIKE = HIRAGANA | str.maketrans(SMALL | LATIN | dict.fromkeys(LONG_MARKS, None) | OTHER_FORMS)
VOICE_MARKS = "\u3099\u309a"


class _Accents(dict):
    """For ``translate``: signs that only combine with the one before go, but for voice marks. Fills itself."""

    def __missing__(self, code):
        sign = chr(code)
        self[code] = None if unicodedata.combining(sign) and sign not in VOICE_MARKS else code
        return self[code]


ACCENTS = _Accents()
REPEATED = re.compile(r"(\w)([々〻ゝヽゞヾ])")
DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−－ーｰ─﹣﹘⁃˗➖~〜～()（）[]［］.．・/／ \u3000\u00a0\t"))


def fold(text):
    """One form for all: width, kana, small kana, long marks, accents, case, old and new kanji; no spaces or signs."""
    text = unicodedata.normalize("NFKC", text.translate(DROPPED)).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(ACCENTS))
        while (spelled := REPEATED.sub(_spell_out, text)) != text:
            text = spelled
        text = text.translate(ALIKE)
    return text if text.isalnum() else "".join(sign for sign in text if sign.isalnum())


def digits(text):
    """Digits (and a leading plus) of what a person typed as a number, or ``None`` where other signs stand in it."""
    text = unicodedata.normalize("NFKC", text).translate(DROPPED).translate(DASHES)
    return text if re.fullmatch(r"\+?[0-9]+", text, re.ASCII) else None


def _spell_out(found):
    sign, mark = found.groups()
    if mark in "ゞヾ":
        voiced = unicodedata.normalize("NFC", sign + VOICE_MARKS[0])
        return sign + (voiced if len(voiced) == 1 else sign)
    return sign + sign
