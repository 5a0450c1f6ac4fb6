"""Why a text cannot be kept, and how to mend it, in words."""

from django.utils.translation import gettext_lazy as _

from customers.exceptions import CustomersError

REASONS = {
    # code: (what is wrong, what to do)
    "empty": (_("Nothing stands here."), _("Enter it.")),
    "name_empty": (_("The name is empty."), _("Enter the name.")),
    "number_empty": (_("The customer number is empty."), _("Enter the customer number.")),
    "number_characters": (
        _("The customer number has characters other than letters, digits, hyphens and underscores."),
        _("Enter the number as it was issued, at most 32 characters."),
    ),
    "control_character": (
        _("There is an invisible control character in it."),
        _("Type it anew instead of pasting it."),
    ),
    "bidi": (
        _("There is an invisible character in it that reverses the direction of writing."),
        _("Type it anew instead of pasting it."),
    ),
    "zero_width": (
        _("There is an invisible character without width in it."),
        _("Type it anew instead of pasting it."),
    ),
    "damaged": (
        _("There is a damaged character in it."),
        _("Type it anew; if the whole file is damaged, save it again as UTF-8."),
    ),
    "too_long": (_("It is too long."), _("Shorten it.")),
    "kana_other": (
        _("There are kanji or digits in the reading."),
        _("Enter the reading in hiragana or katakana."),
    ),
    "email_no_at": (_("The e-mail address has no @."), _("Enter it as in taro@example.com.")),
    "email_no_domain": (
        _("After the @ of the e-mail address the rest is missing or incomplete."),
        _("Enter it as in taro@example.com."),
    ),
    "email_no_local": (_("Before the @ of the e-mail address nothing stands."), _("Enter it as in taro@example.com.")),
    "email_several": (_("There is more than one e-mail address."), _("Enter one address only.")),
    "email_dots": (
        _("In the part before the @ the full stops do not stand as they should."),
        _("Check for two in a row, or one at the beginning or just before the @."),
    ),
    "email_characters": (
        _("There is a character in the e-mail address that such an address cannot have."),
        _("Check for spaces, Japanese characters and brackets."),
    ),
    "email_long": (_("The e-mail address is too long."), _("Enter at most 254 characters, 64 of them before the @.")),
    "telephone_letters": (
        _("There are letters in the telephone number."),
        _("Enter digits; hyphens, spaces and brackets may stand between them."),
    ),
    "telephone_digits": (
        _("The telephone number has too few or too many digits."),
        _("Enter 10 or 11 digits beginning with 0, or a number beginning with + and the country."),
    ),
    "telephone_no_zero": (
        _("The telephone number does not begin with 0 or +."),
        _("Enter it from the first 0 on. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "postcode_digits": (
        _("A postcode has seven digits."),
        _("Enter it as in 194-0013. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "date_unreadable": (
        _("This cannot be read as a date."),
        _("Enter it as in 1985-04-03, 1985年4月3日 or 昭和60年4月3日."),
    ),
    "date_impossible": (_("There is no such day in the calendar."), _("Check year, month and day.")),
    "date_future": (_("This day is still to come."), _("Check the year.")),
    "date_too_old": (_("This day is more than 130 years ago."), _("Check the year and the era.")),
    "date_era": (
        _("There is no such day in that era."),
        _("Check the era. Taisho ended on 1926-12-24, Showa on 1989-01-07, Heisei on 2019-04-30."),
    ),
    "age_unreadable": (_("This cannot be read as an age."), _("Enter the age in digits, from 0 to 130.")),
    "sex_unknown": (_("This word for the sex is not known here."), _("Enter 女性, 男性, その他 or 回答しない.")),
    "card_whole_number": (
        _("This looks like a whole card number. Only the last four digits may be kept."),
        _("Remove all but the last four digits, from the file too, and find out why the number was in it."),
    ),
    "account_whole_number": (
        _("This looks like a whole account number. Only the last four digits may be kept."),
        _("Remove all but the last four digits, from the file too."),
    ),
    "last_four": (
        _("These are not four digits."),
        _("Enter the last four digits. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "card_number_inside": (
        _("There is a whole card number in it. Only the last four digits may be kept."),
        _("Remove the number, from the file too, and find out why it was there."),
    ),
    "payment_unknown": (
        _("This means of payment is not known here."),
        _("Enter クレジットカード, 銀行口座 or 電子マネー."),
    ),
    "payment_missing": (
        _("Details of a means of payment are given, but not which means it is."),
        _("Enter クレジットカード, 銀行口座 or 電子マネー."),
    ),
    "payment_other_kind": (
        _("This does not belong to the means of payment that is given."),
        _("Correct the means of payment, or remove this."),
    ),
    "bank_missing": (
        _("A branch or an account is given, but not the bank."),
        _("Enter the bank, or remove the branch and the account."),
    ),
    "service_missing": (
        _("An ID or authorised items are given, but not the service."),
        _("Enter the service, or remove the ID and the items."),
    ),
    "expiry_unreadable": (
        _("This cannot be read as a month until which a card is valid."),
        _("Enter it as in 2027-05 or 05/27."),
    ),
    "left_too_early": (
        _("The day of leaving is before the day of registration."),
        _("Check both days."),
    ),
}


class Unreadable(CustomersError):
    """A typed text that cannot be kept. ``code`` names the reason; ``message`` is a translated sentence or two.

    The text itself is in neither. ``detail`` says more than the reason and remedy of the code, where there is more.
    """

    def __init__(self, code, detail=""):
        self.code, self.detail = code, detail
        self.reason, self.remedy = REASONS[code]
        super().__init__(code)

    @property
    def message(self):
        return self.detail or _("%(reason)s %(remedy)s") % {"reason": self.reason, "remedy": self.remedy}

    def __str__(self):
        return str(self.message)
