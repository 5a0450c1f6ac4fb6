import re
import threading

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from customers.exceptions import CodeError, CodeExpired, CodeSpent, CodeWrong, TooMany
from customers.models import OneTimeCode
from customers.services import codes, limits

SUBJECT = "requests_desk.draft:D1"


def wrong(*right):
    return next(digits for digits in ("000000", "111111", "222222", "333333") if digits not in right)


@pytest.mark.django_db
def test_a_code_is_six_digits_and_opens_once():
    code = codes.issue(SUBJECT)

    codes.check(SUBJECT, code)

    assert re.fullmatch(r"[0-9]{6}", code)
    with pytest.raises(CodeSpent):
        codes.check(SUBJECT, code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "form",
    [
        lambda code: code.translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"}),
        lambda code: f" {code[:3]} {code[3:]}\n",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: f"{code[:3]}ー{code[3:]}",
        lambda code: f"{code[:3]}－{code[3:]}",
        lambda code: f"{code[:3]}\u3000{code[3:]}",
        lambda code: " ".join(code),
    ],
)
def test_a_code_is_understood_as_people_type_it(form):
    code = codes.issue(SUBJECT)

    codes.check(SUBJECT, form(code))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", None, "0", "00000", "0000000", "abcdef", "\ud83d", "\0", "１", "٠٠٠٠٠٠", "9" * 10_000]
)
def test_nothing_opens_where_no_code_was_sent(typed):
    with pytest.raises(CodeExpired):
        codes.check(SUBJECT, typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", None, "0", "00000", "abcdef", "\ud83d", "\0", "9" * 10_000])
def test_hostile_text_is_a_wrong_try(typed):
    codes.issue(SUBJECT)

    with pytest.raises(CodeWrong):
        codes.check(SUBJECT, typed)


@pytest.mark.django_db
def test_three_wrong_tries_spend_a_code():
    code = codes.issue(SUBJECT)

    left = []
    for _try in range(2):
        with pytest.raises(CodeWrong) as error:
            codes.check(SUBJECT, wrong(code))
        left.append(error.value.tries_left)
    with pytest.raises(CodeSpent):
        codes.check(SUBJECT, wrong(code))

    assert left == [2, 1]
    with pytest.raises(CodeSpent):
        codes.check(SUBJECT, code)


@pytest.mark.django_db
def test_the_last_two_codes_count_and_older_ones_do_not():
    first, second, third = (codes.issue(SUBJECT) for _time in range(3))

    if first not in (second, third):
        with pytest.raises(CodeWrong):
            codes.check(SUBJECT, first)
    codes.check(SUBJECT, second)

    with pytest.raises(CodeSpent):
        codes.check(SUBJECT, third)


@pytest.mark.django_db
def test_a_new_code_gives_three_new_tries():
    old = codes.issue(SUBJECT)
    for _try in range(3):
        with pytest.raises(CodeError):
            codes.check(SUBJECT, wrong(old))
    new = codes.issue(SUBJECT)

    codes.check(SUBJECT, new)


@pytest.mark.django_db
def test_a_code_is_valid_for_thirty_minutes():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = codes.issue(SUBJECT)
        clock.shift(29 * 60)
        codes.check(SUBJECT, code, spend=False)
        clock.shift(61)

        with pytest.raises(CodeExpired):
            codes.check(SUBJECT, code)


@pytest.mark.django_db
def test_a_code_opens_its_own_subject_only():
    code = codes.issue(SUBJECT)
    other = codes.issue("requests_desk.draft:D2")

    if code != other:
        with pytest.raises(CodeWrong):
            codes.check("requests_desk.draft:D2", code)


@pytest.mark.django_db
def test_a_code_can_be_spent_in_the_transaction_of_what_it_permits():
    code = codes.issue(SUBJECT)
    codes.check(SUBJECT, code, spend=False)
    with transaction.atomic():
        codes.spend(SUBJECT)
        transaction.set_rollback(True)  # what it permitted failed

    codes.check(SUBJECT, code, spend=False)
    codes.spend(SUBJECT)

    with pytest.raises(CodeSpent):
        codes.spend(SUBJECT)
    with pytest.raises(CodeSpent):
        codes.check(SUBJECT, code, spend=False)


@pytest.mark.django_db
def test_a_wrong_try_cannot_be_rolled_back_by_the_caller():
    codes.issue(SUBJECT)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        codes.check(SUBJECT, "000000")


@pytest.mark.django_db
def test_digits_are_not_readable_in_the_table():
    code = codes.issue(SUBJECT)

    row = OneTimeCode.objects.get()

    assert code.encode() not in bytes(row.digest) + bytes(row.salt)
    assert code not in str(row)


@pytest.mark.django_db
def test_codes_come_from_all_numbers():
    drawn = {codes.issue(f"subject:{number}") for number in range(200)}

    assert len(drawn) > 190
    assert len({code[0] for code in drawn}) == 10


@pytest.mark.django_db
def test_old_codes_are_swept():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        codes.issue(SUBJECT)
        clock.shift(2 * 24 * 60 * 60)
        codes.issue("fresh:1")

        assert codes.sweep() == 1
    assert OneTimeCode.objects.get().subject == "fresh:1"


def test_tries_at_the_same_time_do_not_give_more_of_them(committed, django_db_blocker):
    outcomes = []

    def guess():
        try:
            codes.check(SUBJECT, wrong(code))
        except CodeError as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    with django_db_blocker.unblock():
        code = codes.issue(SUBJECT)
        threads = [threading.Thread(target=guess) for _guess in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert outcomes.count(CodeWrong) == 2
    assert outcomes.count(CodeSpent) == 10


def test_the_right_code_opens_once_for_many_at_the_same_time(committed, django_db_blocker):
    outcomes = []

    def use():
        try:
            codes.check(SUBJECT, code)
            outcomes.append("opened")
        except CodeSpent:
            outcomes.append("spent")
        finally:
            connection.close()

    with django_db_blocker.unblock():
        code = codes.issue(SUBJECT)
        threads = [threading.Thread(target=use) for _use in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["opened"] + ["spent"] * 7


def test_a_limit_holds_for_each_key_and_says_how_long_to_wait():
    for _time in range(3):
        limits.take("mail code", "a@example.jp", most=3, seconds=60)

    with pytest.raises(TooMany) as error:
        limits.take("mail code", "a@example.jp", most=3, seconds=60)

    assert 1 <= error.value.seconds <= 60
    limits.take("mail code", "b@example.jp", most=3, seconds=60)
    limits.take("another", "a@example.jp", most=3, seconds=60)


def test_a_limit_ends_with_its_span():
    limits.take("short", "a", most=1, seconds=1)
    threading.Event().wait(1.1)

    limits.take("short", "a", most=1, seconds=1)


def test_a_limit_holds_across_connections_and_keeps_no_address():
    def take():
        limits._redis.cache_clear()  # as another process would
        limits.take("shared", "himitsu@example.jp", most=2, seconds=60)

    take(), take()

    with pytest.raises(TooMany):
        take()
    assert not any(b"himitsu" in key for key in limits._redis().keys("*"))


def test_nothing_is_refused_where_redis_is_away(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._redis.cache_clear()

    for _time in range(5):
        limits.take("away", "a", most=1, seconds=60)

    limits._redis.cache_clear()
