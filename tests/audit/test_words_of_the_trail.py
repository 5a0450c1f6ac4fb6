"""Details of the trail as staff read them."""

import pytest
from django.utils import translation

from audit.admin.acts import details_in_words


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"fields": ["name", "identity_document"]}, "氏名、書類の写真"),
        ({"policy_version": "consent.policyversion:P2"}, "プライバシーポリシーの版 P2"),
        ({"due": "2026-12-08"}, "2026年12月8日"),
    ],
)
def test_no_name_of_our_code_is_left_over(details, words):
    with translation.override("ja"):
        said = details_in_words(details)

    assert f"</span> {words}</div>" in said


def test_a_digest_is_told_by_its_first_signs_and_opened_to_the_whole():
    digest = "0123456789abcdef" * 4

    said = details_in_words({"count": 3, "digest": digest})

    summary, whole = said.split("<summary>")[1].split("</summary>")
    assert "<code>0123456789ab…</code>" in summary
    assert digest not in summary
    assert f"<code>{digest}</code></details>" in whole
    assert "title=" not in said


def test_what_stands_in_a_detail_is_text_and_never_a_tag():
    assert "<b>" not in details_in_words({"reference": ["<b>", "<i>"]})
