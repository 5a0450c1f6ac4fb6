"""Sealed fields: strict subclasses of django-encrypted-model-fields.

Each takes ``context``, a permanent string such as ``"customer.name"`` that is sealed with the value: it survives a
rename of the model, and a text moved to another column does not open. What is sealed is opened in ``from_db_value``
and nowhere else; it can be neither compared, sorted, grouped nor computed with in the database, and who tries is told
so before the database is touched. Only ``isnull`` may be asked.
"""

import datetime as dt
import json
import re

from cryptography.fernet import InvalidToken
from django import forms
from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db.models import NOT_PROVIDED
from django.db.models.expressions import Case, Col, ColPairs, Value
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull
from django.db.models.sql.compiler import SQLDeleteCompiler, SQLUpdateCompiler
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from encrypted_model_fields import fields as library

from .exceptions import DecryptionError, Unsealable

SEPARATOR = "\0"
CONTEXT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def seal(context, text):
    """``text`` as it stands in a column of that context."""
    try:
        return library.encrypt_str(f"{context}{SEPARATOR}{text}").decode()
    except UnicodeEncodeError:  # a lone surrogate; the error would carry the value
        raise Unsealable(context) from None


def unseal(context, sealed):
    """What :func:`seal` was given. Raises ``DecryptionError``, which names the context alone."""
    try:
        found, _separator, text = library.decrypt_str(sealed).partition(SEPARATOR)
    except (InvalidToken, UnicodeError):
        raise DecryptionError(context) from None
    if found != context:
        raise DecryptionError(context)
    return text


def storable(value):
    """A validator: text that can be written as UTF-8."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise ValidationError(_("This contains a character that cannot be kept."), code="unstorable") from None


def _is_key(column):
    """Whether this is the key of the row; one of several columns is selected as pairs."""
    return isinstance(column, ColPairs) or column.target.primary_key


class SealedColumn(Col):
    """A sealed column in a query. It may be selected as it is, and nothing more."""

    def as_sql(self, compiler, connection):
        query = compiler.query
        # a compiler knows its select clause before it turns to conditions, groups and order
        if compiler.select is not None or isinstance(compiler, SQLUpdateCompiler | SQLDeleteCompiler):
            self.target.refuse("neither compared, sorted nor grouped by")
        if any(_computes_with_sealed(annotation) for annotation in query.annotation_select.values()):
            self.target.refuse("not computed with")
        if any(isinstance(_selected_as(query, name), SealedColumn) for name in _ordered_by(query)):
            self.target.refuse("neither compared, sorted nor grouped by")
        rows_stay_apart = query.default_cols or any(_is_key(column) for column in query.select)
        if self.target.name in query.distinct_fields or (query.distinct and not rows_stay_apart):
            self.target.refuse("different in every row, so that distinct() means nothing")
        return super().as_sql(compiler, connection)


class SealedIsNull(IsNull):
    """The one question that the database can answer."""

    def process_lhs(self, compiler, connection, lhs=None):
        if isinstance(self.lhs, SealedColumn):
            return Col.as_sql(self.lhs, compiler, connection)
        return super().process_lhs(compiler, connection, lhs)


def _computes_with_sealed(expression):
    if isinstance(expression, SealedColumn | SealedIsNull):
        return False
    return any(
        isinstance(source, SealedColumn) or _computes_with_sealed(source)
        for source in expression.get_source_expressions()
        if source is not None
    )


def _ordered_by(query):
    """Names in the order: those that are selected are compiled as positions, which no column sees."""
    for item in query.order_by:
        item = getattr(item, "expression", item)
        name = getattr(item, "name", item)
        if isinstance(name, str):
            yield name.lstrip("-+")


def _selected_as(query, name):
    position = (query.selected or {}).get(name)
    return query.select[position] if isinstance(position, int) else query.annotations.get(name)


class SealedMixin:
    """What all sealed fields share. Before the library's class in the order of resolution."""

    def __init__(self, *args, context, **kwargs):
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "context": self.context}

    def check(self, **kwargs):
        return [*super().check(**kwargs), *self._check_context(), *self._check_uses()]

    def _check_context(self):
        if not isinstance(self.context, str) or not CONTEXT.fullmatch(self.context):
            yield checks.Error(
                "A sealed field needs a permanent context such as 'customer.name'.", obj=self, id="customers.E001"
            )
        for model in self.model._meta.apps.get_models():
            for field in model._meta.local_fields:
                if isinstance(field, SealedMixin) and field.context == self.context and _home(field) != _home(self):
                    yield checks.Error(
                        f"The context {self.context!r} is also that of {field}: a value could be moved unseen.",
                        obj=self,
                        id="customers.E002",
                    )

    def _check_uses(self):
        meta = self.model._meta
        uses = {
            "unique": self.unique,
            "primary_key": self.primary_key,
            "db_index": self.db_index,
            "db_default": self.db_default is not NOT_PROVIDED,
            "Meta.unique_together": any(self.name in together for together in meta.unique_together),
            "Meta.ordering": any(str(name).lstrip("-") == self.name for name in meta.ordering or ()),
            "Meta.constraints": any(self.name in getattr(each, "fields", ()) for each in meta.constraints),
            "Meta.indexes": any(self.name in each.fields for each in meta.indexes),
        }
        for use in (name for name, used in uses.items() if used):
            yield checks.Error(
                f"A sealed field is different each time it is written: {use} means nothing here.",
                obj=self,
                id="customers.E003",
            )

    # What Python holds -> what the column holds

    def to_text(self, value):
        """The value as text that :meth:`from_text` turns into an equal one, or ``Unsealable``."""
        raise NotImplementedError

    def from_text(self, text):
        raise NotImplementedError

    def to_python(self, value):
        """Never opens anything: a sealed text that was typed into a form is a text."""
        return super(library.EncryptedMixin, self).to_python(value)

    def from_db_value(self, value, expression, connection):
        return None if value is None else self.from_text(unseal(self.context, value))

    def get_db_prep_save(self, value, connection):
        if hasattr(value, "resolve_expression"):
            if self._is_only_values(value):
                return value  # its values are sealed one by one, by this method
            self.refuse("written as values, not as expressions")
        return self.get_db_prep_value(value, connection)

    def get_db_prep_value(self, value, connection, prepared=False):
        """Sealed, so that nothing readable reaches the database's log by whatever way."""
        if hasattr(value, "resolve_expression"):
            self.refuse("written as values, not as expressions")
        if isinstance(value, Promise):
            value = str(value)
        return None if value is None else seal(self.context, self.to_text(value))

    def _is_only_values(self, expression):
        """Whether this is what ``bulk_update`` builds, each value of it bound for this very field."""
        if isinstance(expression, Value):
            return expression.value is None or expression._output_field_or_none is self
        if isinstance(expression, Cast):
            return expression.output_field is self and self._is_only_values(*expression.get_source_expressions())
        if isinstance(expression, Case):
            results = [when.result for when in expression.cases]
            return all(self._is_only_values(result) for result in [*results, expression.default])
        return False

    # What may be asked

    def refuse(self, because):
        raise FieldError(f"{self.context} is sealed: it is {because}. Search through the index.")

    def get_col(self, alias, output_field=None):
        return SealedColumn(alias, self)

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            self.refuse("not compared in the database")
        return SealedIsNull

    def get_transform(self, lookup_name):
        self.refuse("not compared in the database")


class SealedTextMixin(SealedMixin):
    default_validators = [storable, ProhibitNullCharactersValidator()]

    def to_text(self, value):
        if not isinstance(value, str):
            raise Unsealable(self.context)
        return str.__str__(value)

    def from_text(self, text):
        return text


class SealedCharField(SealedTextMixin, library.EncryptedCharField):
    pass


class SealedTextField(SealedTextMixin, library.EncryptedTextField):
    pass


class SealedEmailField(SealedTextMixin, library.EncryptedEmailField):
    """An address as it was typed. Lenient, since old carrier addresses break the rules and work all the same."""

    default_validators = [
        *SealedTextMixin.default_validators,
        RegexValidator(r"\A[^@＠\s]+[@＠][^@＠\s]+\Z", _("This is not an e-mail address.")),
    ]

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": forms.CharField, "widget": forms.EmailInput, **kwargs})


class SealedDateField(SealedMixin, library.EncryptedDateField):
    def to_text(self, value):
        if isinstance(value, dt.datetime):  # which day it is depends on where one stands
            raise Unsealable(self.context)
        try:
            return self.to_python(value).isoformat()
        except (ValidationError, AttributeError, TypeError):
            raise Unsealable(self.context) from None

    def from_text(self, text):
        return dt.date.fromisoformat(text)


class SealedBooleanField(SealedMixin, library.EncryptedBooleanField):
    def to_text(self, value):
        if value is True or value is False:
            return "1" if value else "0"
        raise Unsealable(self.context)

    def from_text(self, text):
        return text == "1"


class SealedJSONField(SealedMixin, library.EncryptedTextField):
    """JSON as one sealed text. What JSON would change (tuples, keys that are no text) is refused."""

    def to_text(self, value):
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError):
            raise Unsealable(self.context) from None
        if json.loads(text) != value:
            raise Unsealable(self.context)
        return text

    def from_text(self, text):
        return json.loads(text)

    def to_python(self, value):
        return value

    def formfield(self, **kwargs):
        return super(library.EncryptedTextField, self).formfield(**{"form_class": forms.JSONField, **kwargs})


def _home(field):
    """Where a value belongs: a history table is the home of its model's values."""
    return getattr(field.model, "instance_type", field.model)._meta.label, field.name
