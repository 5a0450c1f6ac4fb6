import email
import email.policy

import pytest

from consent import mail
from tests.factories.consent import CampaignFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("a.b+c@example.test", "a.b+c@example.test"), ("abc..d.@docomo.ne.jp", '"abc..d."@docomo.ne.jp'),
        ('quo"te@example.test', '"quo\\"te"@example.test'), ("名前@example.test", None), ("a b@example.test", None),
        ("a@b@example.test", '"a@b"@example.test'), ("a\r\n@example.test", None), ("@example.test", None), ("", None),
    ],
)  # fmt: skip
def test_an_address_is_made_fit_for_the_wire_or_refused(address, wire):
    assert mail.wire_address(address) == wire


def test_fields_are_replaced_and_nothing_else_means_anything():
    values = {"office_name": "甲 {policy_url}", "policy_url": "x"}

    assert mail.fill("{office_name} { } %s {{ y }} {% z %}", values) == "甲 {policy_url} { } %s {{ y }} {% z %}"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_preview_has_every_field_filled(language):
    every = " ".join(f"{{{name}}}" for name in mail.FIELDS)
    campaign = CampaignFactory(title_ja=every, title_en=every, body_ja=every, body_en=every)

    subject, body = mail.preview(campaign, language)

    assert "{" not in subject + body
    assert f"/policy/{campaign.policy_version.number}/" in body


def test_a_line_that_begins_with_a_dot_and_a_long_one_arrive_as_written():
    text = ".\n..two\n" + "長い行" * 500 + "\nend"
    campaign = CampaignFactory(body_ja=text)

    data = mail.notice(campaign, "ja").to("a@example.test", 1, 1)

    assert data.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in data[:-3]
    assert all(len(line) < 999 for line in data.split(b"\r\n"))
    message = email.message_from_bytes(data[:-3].replace(b"\r\n..", b"\r\n."), policy=email.policy.default)
    assert message.get_body(["plain"]).get_content().replace("\r\n", "\n").rstrip("\n") == text
    assert message["Subject"] == mail.preview(campaign, "ja")[0]


def test_a_subject_cannot_add_a_head(settings):
    campaign = CampaignFactory(title_ja="件名\nBcc: thief@example.test")

    with pytest.raises(ValueError, match="linefeed|newline|line"):
        mail.notice(campaign, "ja")
