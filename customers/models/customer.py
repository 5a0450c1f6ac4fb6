from itertools import islice

from django.db import connections, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from customers import search
from customers.categories import Category, Source
from customers.fields import SealedCharField, SealedDateField, SealedEmailField, SealedTextField

LONGEST_SEARCH = 200
CANDIDATES = 60, 1000  # opened at once: a little more than a page of a list, then more and more


HOLDER = "SELECT customer_id FROM customers_searchtoken WHERE token = %s"
OF_NUMBER = "SELECT id FROM customers_customer WHERE number = ANY(%s)"


def _in_any_of(sources):
    """Whose key is given by one of these statements, each with its parameter. Costs Django nothing to build."""
    statements, parameters = zip(*sources, strict=True)
    return Q(pk__in=RawSQL(" UNION ALL ".join(statements), parameters))


class Sex(models.TextChoices):
    FEMALE = "FEMALE", _("female")
    MALE = "MALE", _("male")
    OTHER = "OTHER", _("other")
    UNSAID = "UNSAID", _("prefers not to say")


class CorrectionReason(models.TextChoices):
    """Why held values were changed: a code, since the trail takes no free text."""

    ASKED = "ASKED", _("asked for by the person")
    NOTICE = "NOTICE", _("the person told us of a change")
    MISTAKE = "MISTAKE", _("we had noted it wrongly")
    IMPORT = "IMPORT", _("a newer file was imported")


class CustomerQuerySet(models.QuerySet):
    """``search`` asks the blind index; where tokens do not decide, found rows are opened and compared."""

    _searched = None  # (query, keys of the rows found by their number), where values have to be opened

    def living(self):
        """Neither erased nor an alias of another record."""
        return self.filter(erased_at__isnull=True, merged_into__isnull=True)

    def with_email(self):
        """Who can be reached by mail, as far as we know."""
        return self.living().filter(has_email=True, mail_bounced_at__isnull=True)

    def search(self, text):
        """Customers, newest first: by number, part of a name, reading or nickname, mail, telephone or its last four.

        May be filtered, ordered, sliced and iterated like any other; ``count`` counts candidates. A slice reads and
        opens as many rows as it needs and no more: none where the tokens decide, which is all but parts of names of
        more than three signs.
        """
        text = text.strip()[:LONGEST_SEARCH]
        query = search.query_tokens(text)
        numbers = {number for number in (text, text.upper()) if number and number.isascii() and number.isprintable()}
        if query.kind != search.NAME:  # few rows: those of the number may be found in the same breath
            keys, sources = (), [(HOLDER, *query.tokens), (OF_NUMBER, list(numbers))]
            found = self.filter(_in_any_of(sources if numbers else sources[:1]))
        else:
            keys = self._with_number(numbers)
            found = self._of_names(sorted(query.tokens)[: search.TOKENS_ASKED], keys)
        found = found.order_by("-pk")
        if not query.is_exact:
            found._searched = (query, keys)
        return found

    def hold(self, customer):
        """The record of the person that stays, locked until the transaction ends: who comes later waits."""
        return self.select_for_update().get(pk=customer.merged_into_id or customer.pk)

    def first_keys(self, most):
        """The keys of the first ``most``, as a list. Makes no object of a row that a search need not open."""
        if self._searched is None:
            return list(self.values_list("pk", flat=True)[:most])
        return [customer.pk for customer in self.only("pk")[:most]]

    def _of_names(self, tokens, keys):
        """Who has all tokens: a walk of the rarest one's part of the index, newest first. Or has one of ``keys``."""
        if not tokens:
            return self.filter(pk__in=keys)
        if not keys:
            return self.filter(*(_in_any_of([(HOLDER, token)]) for token in tokens))
        holders = SearchToken.objects.filter(token=tokens[0])
        for token in tokens[1:]:
            holders = holders.filter(customer__search_tokens__token=token)
        of_number = self.model.objects.filter(pk__in=keys)
        return self.filter(pk__in=of_number.values("pk").union(holders.values("customer_id")))

    def _with_number(self, numbers):
        if not numbers:
            return ()
        with connections[self.db].cursor() as cursor:  # beside every search of Latin letters: what Django costs shows
            cursor.execute(OF_NUMBER, [list(numbers)])
            return [key for (key,) in cursor.fetchall()]

    def _clone(self):
        clone = super()._clone()
        clone._searched = self._searched
        return clone

    def __getitem__(self, key):
        if self._searched is None or self._result_cache is not None:
            return super().__getitem__(key)
        if isinstance(key, slice):
            return list(islice(self._compared(key.stop), key.start, key.stop, key.step))
        for customer in islice(self._compared(key + 1), key, key + 1):
            return customer
        raise IndexError(key)

    def _fetch_all(self):
        if self._searched is not None and self._result_cache is None:
            self._result_cache = list(self._compared())
        super()._fetch_all()

    def _compared(self, wanted=None):
        """The candidates that stand the comparison, opened in pieces: first as many as are wanted."""
        query, _keys = self._searched
        candidates = self._chain()
        candidates._searched = None
        candidates = candidates.annotate(_opened=F(query.columns[0]))
        start, size = 0, min(wanted or CANDIDATES[1], CANDIDATES[0])
        while rows := list(candidates[start : start + size]):
            yield from self._matching(rows)
            if len(rows) < size:
                return
            start, size = start + size, min(2 * size, CANDIDATES[1])

    def _matching(self, rows):
        """Those that hold all parts. Further names are opened, at once, for whom the likeliest one lacks a part."""
        query, keys = self._searched
        missing = {row.pk: query.missing(query.parts, row.__dict__.pop("_opened")) for row in rows}
        if waiting := [pk for pk, parts in missing.items() if parts and pk not in keys]:
            further = self.model.objects.filter(pk__in=waiting).values_list("pk", *query.columns[1:])
            for pk, *names in further:
                for name in names:
                    missing[pk] = query.missing(missing[pk], name)
        return [row for row in rows if row.pk in keys or not missing[row.pk]]


class Customer(models.Model):
    """A person whose data the office holds.

    Rows are made by :mod:`customers.services.registration`, changed by :mod:`customers.services.corrections` and
    blanked by :mod:`customers.services.erasure`, and by nothing else: these keep the search tokens in step.
    ``held`` says which categories are held on the person (here and in rows that point here), as
    :func:`customers.categories.as_number` writes a set; :mod:`customers.services.holdings` keeps it, and triggers count
    it for the inventory. ``blanked`` says of which of them retention has blanked everything, former values included; a
    trigger takes a category out of it that is held again.
    An erased row stays as a tombstone, so that its number never comes back.
    """

    number = models.CharField(_("customer number"), max_length=32, unique=True)
    name = SealedCharField(_("full name"), max_length=200, blank=True, context="customer.name")
    kana = SealedCharField(_("reading"), max_length=200, blank=True, context="customer.kana")
    nickname = SealedCharField(_("nickname"), max_length=200, blank=True, context="customer.nickname")
    pen_name = SealedCharField(_("pen name"), max_length=200, blank=True, context="customer.pen_name")
    birth_date = SealedDateField(_("date of birth"), null=True, blank=True, context="customer.birth_date")
    age = SealedCharField(_("age"), max_length=3, blank=True, context="customer.age")
    sex = SealedCharField(_("sex"), max_length=8, choices=Sex, blank=True, context="customer.sex")
    occupation = SealedCharField(_("occupation"), max_length=200, null=True, blank=True, context="customer.occupation")
    work_history = SealedTextField(_("work history"), null=True, blank=True, context="customer.work_history")
    education = SealedTextField(_("education"), null=True, blank=True, context="customer.education")
    email = SealedEmailField(_("e-mail"), max_length=254, blank=True, context="customer.email")
    telephone = SealedCharField(_("telephone"), max_length=40, blank=True, context="customer.telephone")
    postcode = SealedCharField(_("postcode"), max_length=16, blank=True, context="customer.postcode")
    address = SealedTextField(_("address"), blank=True, context="customer.address")
    registered_on = models.DateField(_("registered on"), default=timezone.localdate)
    left_on = models.DateField(_("registration ended on"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, default="ja")
    held = models.IntegerField(_("categories held"), default=0, editable=False)
    blanked = models.IntegerField(_("categories blanked by retention"), default=0, db_default=0, editable=False)
    has_email = models.BooleanField(_("has an e-mail address"), default=False)
    mail_bounced_at = models.DateTimeField(_("mail came back"), null=True, blank=True)
    mail_bounced_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("noted by")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="aliases", null=True, blank=True, verbose_name=_("is the same person as")
    )
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    erased_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("erased by")
    )

    history = HistoricalRecords()
    objects = CustomerQuerySet.as_manager()

    class PersonalData:
        personal = {
            "name": Category.NAME, "kana": Category.NAME, "nickname": Category.NAME, "pen_name": Category.NAME,
            "birth_date": Category.BIRTH, "age": Category.BIRTH, "sex": Category.SEX, "occupation": Category.CAREER,
            "work_history": Category.CAREER, "education": Category.CAREER, "email": Category.EMAIL,
            "telephone": Category.TELEPHONE, "postcode": Category.ADDRESS, "address": Category.ADDRESS,
        }  # fmt: skip
        sources = [Source.CUSTOMER_FILE, Source.REQUEST, Source.STAFF]
        keep = {
            "id", "number", "registered_on", "left_on", "language", "held", "blanked", "has_email", "mail_bounced_at",
            "mail_bounced_by", "merged_into", "created_at", "created_by", "erased_at", "erased_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        default_permissions = ["view"]
        permissions = [
            ("reveal_customer", "Can see values of a customer"),
            ("correct_customer", "Can correct a customer"),
            ("import_customers", "Can import customers"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="customer_reachable_by_mail",
                condition=Q(
                    has_email=True, mail_bounced_at__isnull=True, erased_at__isnull=True, merged_into__isnull=True
                ),
            ),
            models.Index(
                fields=["id"],
                name="customer_without_mail",
                condition=Q(has_email=False, erased_at__isnull=True, merged_into__isnull=True),
            ),
            models.Index(fields=["id"], name="customer_mail_came_back", condition=Q(mail_bounced_at__isnull=False)),
            models.Index(fields=["id"], name="customer_erased", condition=Q(erased_at__isnull=False)),
            models.Index(fields=["left_on", "id"], name="customer_left", condition=Q(left_on__isnull=False)),
            models.Index(fields=["registered_on", "id"], name="customer_by_registration"),
        ]
        constraints = [
            models.CheckConstraint(
                name="customer_erased_at_exactly_with_erased_by",
                condition=Q(erased_at__isnull=True, erased_by__isnull=True)
                | Q(erased_at__isnull=False, erased_by__isnull=False),
            ),
            models.CheckConstraint(
                name="customer_mail_bounced_at_exactly_with_by",
                condition=Q(mail_bounced_at__isnull=True, mail_bounced_by__isnull=True)
                | Q(mail_bounced_at__isnull=False, mail_bounced_by__isnull=False),
            ),
            models.CheckConstraint(
                name="customer_erased_has_no_email", condition=Q(erased_at__isnull=True) | Q(has_email=False)
            ),
            models.CheckConstraint(
                name="customer_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
            ),
            models.CheckConstraint(name="customer_has_a_number", condition=~Q(number="")),
            models.CheckConstraint(
                name="customer_left_after_registering",
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("registered_on")),
            ),
            models.CheckConstraint(
                name="customer_holds_categories_that_exist", condition=Q(held__gte=0, held__lt=2 ** len(Category))
            ),
            models.CheckConstraint(
                name="customer_blanked_categories_that_exist",
                condition=Q(blanked__gte=0, blanked__lt=2 ** len(Category)),
            ),
            models.CheckConstraint(
                name="customer_erased_holds_nothing", condition=Q(erased_at__isnull=True) | Q(held=0)
            ),
        ]

    def __str__(self):
        return self.number

    def tokens(self):
        """The tokens under which the blind index finds this customer."""
        return search.tokens_of({name: getattr(self, name) for name in (*search.NAME_COLUMNS, "email", "telephone")})

    @property
    def is_erased(self):
        return self.erased_at is not None

    @property
    def state(self):
        """In words, for lists."""
        if self.is_erased:
            return _("erased")
        return _("alias of another record") if self.merged_into_id else _("held")


class OfPersonQuerySet(models.QuerySet):
    """For rows with a ``customer``."""

    def of(self, customer):
        """Those of the person: of the record that stays and of all that were joined to it."""
        person = customer.merged_into_id or customer.pk
        records = Customer.objects.filter(Q(pk=person) | Q(merged_into=person))
        return self.filter(customer__in=records.values("pk"))


class SearchToken(models.Model):
    """One token of the blind index: says that a customer is found under it, and nothing else.

    Written in the transaction that writes the customer. Kept small (no id, one index) since there are dozens per
    customer; the order of the key gives the newest customer of a token first.
    """

    pk = models.CompositePrimaryKey("token", "customer_id")
    token = models.BigIntegerField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="search_tokens", db_index=False)

    class PersonalData:
        personal = {"token": Category.NAME}
        sources = [Source.DERIVED]
        keep = {"pk", "customer"}

    class Meta:
        verbose_name = _("search token")
        verbose_name_plural = _("search tokens")
        default_permissions = []

    def __str__(self):
        return f"{self.customer_id}"
