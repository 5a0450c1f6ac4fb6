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

    assert f"</span> {words}</span>" in said
