"""Countries by their two letters (ISO 3166-1), and which of them Article 28(1) treats as equivalent."""

from django_countries import countries

HOME = "JP"
# The notice of the Commission under Article 28(1): the European Economic Area, and the United Kingdom.
EQUIVALENT = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def choices():
    """``(code, name)`` in the language of the page: Japan first, the others by name."""
    found = [(country.code, country.name) for country in countries]
    return [(HOME, countries.name(HOME)), *[each for each in found if each[0] != HOME]]


def name_of(code):
    """The name of a country in the language of the page."""
    return countries.name(code)
