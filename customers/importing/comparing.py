"""Rows of customers that are there already: what they fill in, what differs, and what becomes of it.

What was never held of a category is filled in. What differs is reported, and applied where the import was started so:
values of a record that the file is about in place, everything else beside what is held. What the file leaves empty
says nothing against a record that belongs to a customer; customers have several, and the file has room for one.
"""

from customers.exceptions import HeldAlready
from customers.models import CookieIdentifier, CorrectionReason, Customer, Device, ExternalAccount, ImportFault
from customers.models import PaymentMethod as Payment
from customers.services import belongings
from customers.services.corrections import CAREER, complete, correct, correct_record, is_held

from .columns import HEADER_OF
from .rows import BELONGINGS, LEFT_ON, NUMBER, left_too_early

Kind = ImportFault.Kind
ABOUT = {Payment: "kind", ExternalAccount: "service"}  # a record of the same is the one that the file is about
LATER = {
    Payment: ("expiry",),
    ExternalAccount: ("authorised",),
    CookieIdentifier: (),
    Device: ("system", "kind"),
}  # fmt: skip  what the fingerprint leaves out, so that it may be learned later


class Comparison:
    """What a batch of rows means for customers that are there: ``counts`` of outcomes, ``faults``, ``kept`` records."""

    def __init__(self, of_import, rows, held, *, by):
        """``held`` are the customers of the batch by number; ``rows`` are those of them, without faults."""
        self.of_import, self.by = of_import, by
        self.counts = dict.fromkeys(("unchanged", "filled", "corrected", "differing"), 0)
        self.faults, self.faulty, self.kept = [], 0, {}
        self._records, self._career = [], {}
        alive = [(row, held[row.number]) for row in rows if not self._cannot(row, held[row.number])]
        self._look_up(alive)
        for row, customer in alive:
            self._compare(row, customer)
        self._fill_in()

    def _cannot(self, row, customer):
        if customer.is_erased:
            self.faults.append((row.line, NUMBER, "number_erased", Kind.FAULT))
        elif customer.merged_into_id:
            self.faults.append((row.line, NUMBER, "number_alias", Kind.FAULT))
        elif left_too_early(row.values, customer.registered_on, customer.left_on):
            self.faults.append((row.line, LEFT_ON, "left_too_early", Kind.FAULT))
        else:
            return False
        self.faulty += 1
        return True

    def _look_up(self, alive):
        """What is held of each kind of record, and of whom it was once held: a few queries for the whole batch."""
        self._held = {model: {} for model in BELONGINGS}
        self._once = {}
        for model in BELONGINGS:
            owners = {customer.pk for row, customer in alive for each, _values in row.belongings if each is model}
            if owners:
                for record in model.objects.filter(customer__in=owners):
                    self._held[model].setdefault(record.customer_id, []).append(record)
                without = owners - self._held[model].keys()
                former = model.history.filter(customer_id__in=without) if without else model.history.none()
                self._once[model] = set(former.values_list("customer_id", flat=True))
        for name in CAREER:
            without = [c.pk for row, c in alive if row.values.get(name) and not getattr(c, name)]
            former = Customer.history.filter(id__in=without, **{f"{name}__isnull": False})
            self._once[name] = set(former.values_list("id", flat=True)) if without else set()

    def _compare(self, row, customer):
        changes = {name: value for name, value in row.values.items() if not is_held(customer, name, value)}
        career = {
            name: changes.pop(name)
            for name in CAREER
            if changes.get(name) and not getattr(customer, name) and customer.pk not in self._once[name]
        }
        if career:
            self._career[customer.pk] = career
        outcomes = {self._compare_record(row, customer, *each) for each in row.belongings}
        if changes and self.of_import.update:
            correct(customer, changes=changes, reason=CorrectionReason.IMPORT, by=self.by)
            outcomes.add("corrected")
        elif changes:
            self._differs(row, Customer, changes)
            outcomes.add("differing")
        if career:
            outcomes.add("filled")
        self.counts[next((each for each in ("corrected", "differing", "filled") if each in outcomes), "unchanged")] += 1

    def _compare_record(self, row, customer, model, values):
        """The outcome for one record of the file."""
        held = self._held[model].get(customer.pk, [])
        fingerprint = belongings.fingerprint_of(model, values)
        same = next((record for record in held if record.fingerprint == fingerprint), None)
        if same:
            return self._compare_same(row, same, model, values)
        if not held and customer.pk not in self._once[model]:
            self._records.append((customer.pk, belongings.ready(model, values)))
            return "filled"
        about = ABOUT.get(model)
        alike = [record for record in held if about and getattr(record, about) == values[about]]
        changes = values
        if len(alike) == 1:
            changes = {name: value for name, value in values.items() if not is_held(alike[0], name, value)}
            if not changes:
                return "unchanged"
        if not self.of_import.update:
            self._differs(row, model, changes if len(alike) == 1 else list(values)[:1], values)
            return "differing"
        if len(alike) == 1:
            try:
                correct_record(alike[0], changes=changes, reason=CorrectionReason.IMPORT, by=self.by)
            except HeldAlready:  # of two records that the file says in part, which one it is about is not to be known
                self._differs(row, model, changes, values)
                return "differing"
        else:
            self._records.append((customer.pk, belongings.ready(model, values)))
        return "corrected"

    def _compare_same(self, row, record, model, values):
        """The record is held; what may be learned later fills it in, or differs."""
        changes = {name: values[name] for name in LATER[model] if name in values}
        changes = {name: value for name, value in changes.items() if not is_held(record, name, value)}
        if not changes:
            return "unchanged"
        differing = [name for name in changes if getattr(record, name)]
        if differing and not self.of_import.update:
            self._differs(row, model, differing, values)
            changes = {name: value for name, value in changes.items() if name not in differing}
        if changes:
            correct_record(record, changes=changes, reason=CorrectionReason.IMPORT, by=self.by)
        if differing:
            return "corrected" if self.of_import.update else "differing"
        return "filled"

    def _differs(self, row, model, names, values=None):
        kind = (values or {}).get("kind")
        for name in names:
            if model is Payment and name == "last_four":
                name = "card_last_four" if kind == Payment.Kind.CARD else "account_last_four"
            self.faults.append((row.line, HEADER_OF[model, name], "differs", Kind.DIFFERENCE))

    def _fill_in(self):
        if self._records:
            self.kept = belongings.keep(self._records, by=self.by, subject=self.of_import)
        if self._career:
            complete(self._career, by=self.by, subject=self.of_import)
