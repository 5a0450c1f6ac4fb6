"""Joint use: all five items, public before anything is given, by two people (Article 27(5)(iii) and (6))."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.calendar import TOKYO
from consent.exceptions import NotReady, SamePerson
from consent.models import JointUse
from consent.services import joint_use
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor

from .test_third_parties import a_third_party

pytestmark = pytest.mark.django_db
PAGE = reverse("consent:joint-use")
DRAFT = reverse("admin:consent_jointuse_draft")
ITEMS = {
    "title_ja": "配送の共同利用", "title_en": "Joint use for delivery", "categories": ["NAME", "ADDRESS"],
    "range_ja": "株式会社配送", "range_en": "Haiso Inc.", "purposes": ["PROVIDING"], "manager_ja": "管理株式会社",
    "manager_en": "Manager Inc.", "address_ja": "東京都", "address_en": "Tokyo", "representative_ja": "管理花子",
    "representative_en": "Hanako Kanri",
}  # fmt: skip


def a_user(**said):
    return a_third_party("JOINT_USER", **said)


def drafted(user=None, **said):
    return joint_use.draft(users=[user or a_user()], **{**ITEMS, "by": an_actor(), **said})


def published(user=None, **said):
    return joint_use.publish(drafted(user, **said), by=an_actor())


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def test_article_27_5_iii_it_permits_from_the_day_after_its_publication_until_its_end(time_machine):
    user = a_user()
    time_machine.move_to(at("2026-06-10 00:10"), tick=False)  # the ninth still in UTC
    announced = published(user)
    time_machine.move_to(at("2026-06-20 23:50"), tick=False)
    joint_use.end(announced, by=an_actor())

    days = [9, 10, 11, 20, 21]
    found = {day: joint_use.is_announced(user, ["NAME"], dt.date(2026, 6, day)) for day in days}
    assert found == {9: False, 10: False, 11: True, 20: True, 21: False}


@pytest.mark.parametrize(
    ("categories", "expected"),
    [(["NAME"], True), (["ADDRESS", "NAME"], True), (["NAME", "EMAIL"], False), (["EMAIL"], False)],
)
def test_it_permits_no_category_that_it_does_not_name(time_machine, categories, expected):
    user = a_user()
    published(user)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    assert joint_use.is_announced(user, categories, tomorrow) == expected


def test_it_permits_nothing_to_others_nor_as_a_draft():
    user = a_user()
    drafted(user)
    published()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    assert not joint_use.is_announced(user, ["NAME"], tomorrow)


def test_who_drafted_it_does_not_publish_it():
    officer = an_actor()

    with pytest.raises(SamePerson):
        joint_use.publish(drafted(by=officer), by=officer)


def test_article_27_6_a_change_is_a_new_announcement_that_replaces_the_old_one():
    user = a_user()
    first = published(user)
    second = drafted(user, purposes=["PROVIDING", "PAYMENT"], replaces=first)
    with pytest.raises(NotReady):
        drafted(user, replaces=first)
    joint_use.publish(second, by=an_actor())

    assert list(JointUse.objects.public_now()) == [second]
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.ended_at == second.published_at
    with pytest.raises(NotReady):
        joint_use.publish(second, by=an_actor())


def test_article_27_6_more_categories_or_other_users_are_no_change_of_what_runs():
    user = a_user()
    first = published(user)

    for said in ({"categories": ["NAME", "ADDRESS", "EMAIL"]}, {"user": a_user()}):
        with pytest.raises(NotReady, match="27"):
            drafted(**{"user": user, "replaces": first, **said})
    assert drafted(user, categories=["NAME"], replaces=first).replaces == first


def test_a_draft_that_was_discarded_leaves_room_for_another():
    user = a_user()
    first = published(user)
    joint_use.end(drafted(user, replaces=first), by=an_actor())

    assert joint_use.publish(drafted(user, replaces=first), by=an_actor()).published_at


def test_only_joint_users_stand_in_it_and_only_what_is_public_is_replaced():
    with pytest.raises(NotReady):
        drafted(a_third_party("RECIPIENT"))
    with pytest.raises(NotReady):
        drafted(replaces=drafted())


STATEMENTS = {
    **{
        f"without {name}": f"INSERT INTO consent_jointuse SELECT (jsonb_populate_record(row, jsonb_build_object("
        f"'id', 999, 'replaces_id', NULL, '{name}', {empty}))).* FROM consent_jointuse row"
        for name, empty in {
            "categories": "'[]'::jsonb", "range_ja": "''", "purposes": "'[]'::jsonb", "manager_ja": "''",
            "address_en": "''", "representative_ja": "''",
        }.items()
    },
    "published by who drafted it": "INSERT INTO consent_jointuse SELECT (jsonb_populate_record(row,"
    " jsonb_build_object('id', 999, 'published_by_id', row.drafted_by_id))).* FROM consent_jointuse row",
    "another purpose": "UPDATE consent_jointuse SET purposes = '{PAYMENT}'",
    "public since longer": "UPDATE consent_jointuse SET published_at = published_at - interval '1 year'",
    "no longer public": "UPDATE consent_jointuse SET published_at = NULL, published_by_id = NULL",
    "another user": "INSERT INTO consent_jointuse_users (jointuse_id, thirdparty_id) SELECT jointuse_id,"
    " (SELECT max(id) FROM consent_thirdparty) FROM consent_jointuse_users",
    "no user": "DELETE FROM consent_jointuse_users",
    "no users at all": "TRUNCATE consent_jointuse_users",
    "replaced by two": "INSERT INTO consent_jointuse SELECT (jsonb_populate_record(row, jsonb_build_object("
    "'id', 990 + n, 'replaces_id', row.id))).* FROM consent_jointuse row, generate_series(1, 2) n",
    "removed": "DELETE FROM consent_jointuse",
    "all removed": "TRUNCATE consent_jointuse CASCADE",
}  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_database_refuses_it_too(assert_refused, statement):
    published()
    a_user()

    assert_refused(statement, "joint_use|announcement|Announcement")


def test_it_is_drafted_by_one_published_by_another_and_read_by_everybody(client):
    user = a_user()
    sign_in(client, "privacy_officer", "en")
    client.post(DRAFT, {**ITEMS, "users": [user.pk]})
    row = JointUse.objects.get()
    before = client.get(PAGE).text
    own = client.post(reverse("admin:consent_jointuse_publish", args=[row.pk]), {"confirmed": "on"}).text
    sign_in(client, "approver", "en")
    first_page = client.get(reverse("admin:index")).text
    beside_the_button = client.get(reverse("admin:consent_jointuse_publish", args=[row.pk])).text
    client.post(reverse("admin:consent_jointuse_publish", args=[row.pk]), {"confirmed": "on"})
    after = client.get(PAGE).text

    assert "We do not use your information jointly" in before
    assert "another person publishes it" in own
    assert "Joint uses to publish" in first_page
    assert "Hanako Kanri" in beside_the_button
    for words in ("Joint use for delivery", "Haiso Inc.", "Manager Inc.", "Tokyo", "Hanako Kanri", "Address"):
        assert words in after


def test_the_public_page_is_in_japanese_and_keeps_what_has_ended(client):
    joint_use.end(published(), by=an_actor())
    text = client.get(PAGE).text

    assert "お客様の情報を共同で利用している相手はいません。" in text
    assert "終了した共同利用" in text
    assert "配送の共同利用" in text


def test_a_missing_item_is_said_at_its_field(client):
    user = a_user()
    sign_in(client, "privacy_officer", "en")
    text = client.post(DRAFT, {**ITEMS, "users": [user.pk], "range_ja": "", "purposes": []}).text

    assert "Fill in: Range of the users (Japanese)" in text
    assert "Choose: Purposes of use" in text
    assert "Joint use for delivery" in text
    assert not JointUse.objects.exists()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_in_both_languages(client, language):
    row = published()
    sign_in(client, "privacy_officer", language)
    for name in ("changelist", "draft"):
        assert client.get(reverse(f"admin:consent_jointuse_{name}")).status_code == 200
    for name in ("change", "publish", "end"):
        assert client.get(reverse(f"admin:consent_jointuse_{name}", args=[row.pk])).status_code == 200
