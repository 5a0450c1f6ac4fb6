"""The words of the public pages: short Japanese sentences, none of Django's own."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from customers.models import Customer
from requests_desk.forms import SITE_STEPS, CodeForm, MailForm, NumberForm, PhotoForm, WithdrawForm
from requests_desk.forms.fields import WORDS
from requests_desk.models import DataRequest

FOLDER = Path(__file__).parents[2] / "templates"
PAGES = [*FOLDER.glob("*.html"), *FOLDER.glob("audit/*.html"), *FOLDER.glob("requests_desk/*.html")]
LONGEST = 60


def sentences(text):
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", text, flags=re.DOTALL)
    text = re.sub(r"{{[^}]*}}", "____", text)
    text = re.sub(r"</?(p|li|h\d|dt|dd|div|button|b|br)[ >]|{%\s*(else|elif|if)[^%]*%}", "。", text)
    text = re.sub(r"{%.*?%}|<[^>]+>", "", text)
    return [part.strip() for part in re.split(r"[。\n]", text) if re.search(r"[ぁ-んァ-ヶ]", part)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_japanese_sentence_of_a_page_is_short(page):
    assert [said for said in sentences(page.read_text(encoding="utf-8")) if len(said) > LONGEST] == []


def test_what_forms_say_is_short_polite_and_ours():
    with override("ja"):
        said = [str(words) for words in WORDS.values()]
        for form in [*SITE_STEPS.values(), CodeForm, NumberForm, MailForm, PhotoForm, WithdrawForm]:
            for field in form.base_fields.values():
                said += [str(field.label), str(field.support), str(field.error_messages["required"])]
                assert "このフィールド" not in str(field.error_messages["required"])
                assert field.optional or str(field.error_messages["required"]).endswith("ください。")

    for words in said:
        assert not re.search(r"[A-Za-z]{12}", words), words
        assert max(map(len, words.split("。"))) <= LONGEST, words


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_the_request_and_the_customer_call_the_reading_of_a_name_alike(language):
    """One word from the first question to the letter. Only the header of an import file stays as the file has it."""
    with override(language):
        asked = str(SITE_STEPS["name"].base_fields["kana"].label)
        held = {str(model._meta.get_field("kana").verbose_name) for model in (Customer, DataRequest)}

    assert held == {"ふりがな" if language == "ja" else "reading"}
    assert asked.lower().startswith(next(iter(held)))
