import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.reading import Unreadable, read_expiry, refuse_card_number


def completed(digits):
    """The digits with the check digit that makes a card number of them."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 if place % 2 else 2)
        total += number - 9 if number > 9 else number
    return digits + str(-total % 10)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "４２４２ー４２４２ー４２４２ー４２４２",
        "VISA 4242424242424242 (04/27)",
        "04/27 4242 4242 4242 4242 123",
        "4242.4242.4242.4242",
        "378282246310005",
        "6304000000000000000",
        "4222222222222",
    ],
)
def test_a_whole_card_number_is_refused_however_it_is_written(text):
    with pytest.raises(Unreadable) as refused:
        refuse_card_number(text)

    assert refused.value.code == "card_number_inside"
    assert "4242" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "VISA", "4242", "4242 4242", "0000000000000000", "090-1234-5678", "tok_1a2b3c4d5e6f7890"],
)
def test_what_is_no_card_number_is_given_back_as_it_is(text):
    assert refuse_card_number(text) == text


@given(
    st.text("0123456789", min_size=12, max_size=18),
    st.sampled_from(["", " ", "-", "・", "ー"]),
    st.text("あx ", max_size=5),
)
def test_every_number_that_passes_the_test_of_cards_is_refused(digits, sign, around):
    number = completed(digits)
    if len(set(number)) == 1:
        return
    written = around + sign.join(number[at : at + 4] for at in range(0, len(number), 4)) + around

    with pytest.raises(Unreadable):
        refuse_card_number(written)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2027-04", "2027-04"),
        ("2027/4", "2027-04"),
        ("２０２７年４月", "2027-04"),
        ("202704", "2027-04"),
        ("04/27", "2027-04"),
        ("4/2027", "2027-04"),
        ("04-27", "2027-04"),
        ("", ""),
    ],
)
def test_an_expiry_is_read_as_people_write_it(typed, kept):
    assert read_expiry(typed) == kept


@pytest.mark.parametrize("typed", ["2027-13", "13/27", "soon", "2027", "0427", "2027-04-03"])
def test_what_is_no_month_is_refused(typed):
    with pytest.raises(Unreadable):
        read_expiry(typed)
