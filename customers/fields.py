"""Sealed fields: strict subclasses of django-encrypted-model-fields.

Each takes ``context``, a permanent string such as ``"customer.name"`` that is sealed with the value: it survives a
rename of the model, and a text moved to another column does not open.
"""

import json

from cryptography.fernet import InvalidToken
from django.core.exceptions import FieldError
from django.db.models.expressions import Case
from django.db.models.functions import Cast
from encrypted_model_fields import fields as library

from .exceptions import DecryptionError


class SealedMixin:
    def __init__(self, *args, context, **kwargs):
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "context": self.context}

    def to_text(self, value):
        return str(value)

    def from_text(self, text):
        return super(library.EncryptedMixin, self).to_python(text)

    def to_python(self, value):
        return super(library.EncryptedMixin, self).to_python(value)

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        try:
            context, _, text = library.decrypt_str(value).partition("\0")
        except InvalidToken:
            context = None
        if context != self.context:
            raise DecryptionError(self.context)
        return self.from_text(text)

    def get_db_prep_save(self, value, connection):
        if value is None:
            return None
        if hasattr(value, "resolve_expression"):
            if isinstance(value, Case | Cast):
                return value
            raise FieldError(f"{self.name} is sealed and takes no expression.")
        return library.encrypt_str(f"{self.context}\0{self.to_text(value)}").decode()

    def get_lookup(self, name):
        if name != "isnull":
            raise FieldError(f"{self.name} is sealed: search through the index.")
        return super().get_lookup(name)


class SealedCharField(SealedMixin, library.EncryptedCharField):
    pass


class SealedTextField(SealedMixin, library.EncryptedTextField):
    pass


class SealedEmailField(SealedMixin, library.EncryptedEmailField):
    pass


class SealedDateField(SealedMixin, library.EncryptedDateField):
    pass


class SealedBooleanField(SealedMixin, library.EncryptedBooleanField):
    def to_text(self, value):
        return "1" if value else "0"

    def from_text(self, text):
        return text == "1"


class SealedJSONField(SealedMixin, library.EncryptedTextField):
    def to_text(self, value):
        return json.dumps(value, ensure_ascii=False)

    def from_text(self, text):
        return json.loads(text)

    def to_python(self, value):
        return value
