"""One row of the file as read: a customer's values, the records that belong to the customer, or faults."""

from customers import reading
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod

from .columns import HEADER_OF

NUMBER = HEADER_OF[Customer, "number"]
LEFT_ON = HEADER_OF[Customer, "left_on"]
BELONGINGS = (PaymentMethod, ExternalAccount, CookieIdentifier, Device)
OF_KIND = {
    "CARD": {"brand": "brand", "card_last_four": "last_four", "expiry": "expiry"},
    "BANK": {"bank": "bank", "branch": "branch", "account_last_four": "last_four"},
    "E_MONEY": {"service": "service"},
}  # what the file says of each means of payment -> what the record calls it


class Row:
    """``values`` are those of the customer, ``belongings`` pairs of a model and its values; ``faults`` leave it out.

    A fault is a pair of column and code. Of a row with faults nothing is kept.
    """

    __slots__ = ("belongings", "faults", "line", "number", "values")

    def __init__(self, line, cells, header, seen):
        self.line, self.number, self.values, self.belongings, self.faults = line, "", {}, [], []
        if cells is None:
            self.faults.append(("", "quote_unclosed"))
            return
        if misfit := _misfit(cells, header):
            self.faults.append(("", misfit))
            return
        self._read(header.known, cells)
        self.number = self.values.pop("number", "")
        if self.values.get("registered_on", "") is None:
            del self.values["registered_on"]
        if left_too_early(self.values):
            self.faults.append((LEFT_ON, "left_too_early"))
        if self.number in seen:
            self.faults.append((NUMBER, "number_twice"))
        elif self.number:
            seen.add(self.number)

    def _read(self, columns, cells):
        others, unreadable = {}, set()
        for position, header, (model, name, read) in columns:
            cell = cells[position] if position < len(cells) else ""
            if not cell and model is not Customer:
                continue
            try:
                value = read(cell)
            except reading.Unreadable as fault:
                self.faults.append((header, fault.code))
                unreadable.add(model)
                continue
            if model is Customer:
                self.values[name] = value
            elif value:
                others.setdefault(model, {})[name] = value
        for model in BELONGINGS:
            if model in others and model not in unreadable:
                self._join(model, others[model])

    def _join(self, model, values):
        """Cells that only together make sense: the record they are of, or a fault where they contradict each other."""
        if model is PaymentMethod:
            faults, values = _payment(values)
        elif model is ExternalAccount and "service" not in values:
            faults = [("service", "service_missing")]
        else:
            faults = []
        if faults:
            self.faults += [(HEADER_OF[model, name], code) for name, code in faults]
        else:
            self.belongings.append((model, values))


def number_of(cells, header):
    """The customer number of a row, ``""`` where none can be read: what :class:`Row` will find, for much less."""
    if cells is None or _misfit(cells, header):
        return ""
    try:
        return reading.read_number(cells[header.columns.index(NUMBER)])
    except (reading.Unreadable, IndexError):
        return ""


def _payment(said):
    """``(faults, values)`` of the cells that are about a means of payment."""
    kind = said.pop("kind", None)
    if kind is None:
        return [("kind", "payment_missing")], {}
    own = OF_KIND[kind]
    if strange := [name for name in said if name not in own]:
        return [(name, "payment_other_kind") for name in strange], {}
    if kind == PaymentMethod.Kind.BANK and said and "bank" not in said:
        return [("bank", "bank_missing")], {}
    return [], {"kind": kind, **{own[name]: value for name, value in said.items()}}


def left_too_early(values, registered_on=None, left_on=None):
    """Whether the day of leaving is before that of registration; given are those that hold where the row says none."""
    registered_on, left_on = values.get("registered_on", registered_on), values.get("left_on", left_on)
    return bool(left_on and registered_on and left_on < registered_on)


def _misfit(cells, header):
    width = len(header.columns)
    if len(cells) < width:
        missing = range(len(cells), width)
        return "" if all(position in header.unnamed for position in missing) else "cells_few"
    extra = [cell for position, cell in enumerate(cells) if position >= width or position in header.unnamed]
    return "cells_many" if any(cell.strip() for cell in extra) else ""
