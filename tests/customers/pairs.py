"""Two models that differ in one thing: the fields of the fixed library, and ours on top of them."""

from django.db import models
from django.test.utils import isolate_apps
from encrypted_model_fields import fields as library
from simple_history.models import HistoricalRecords

from customers import fields as ours


def history():
    """History without a foreign key to staff, so that the models stand apart from ours."""
    return HistoricalRecords(
        history_user_id_field=models.IntegerField(null=True),
        history_user_getter=lambda historical_instance: None,
        history_user_setter=lambda historical_instance, user: None,
    )


with isolate_apps("customers"):

    class LibraryPerson(models.Model):
        number = models.CharField(max_length=20, unique=True)
        name = library.EncryptedCharField(max_length=20, blank=True, default="")
        kana = library.EncryptedCharField(max_length=20, blank=True, default="")
        birth_date = library.EncryptedDateField(null=True)

        history = history()

        class Meta:
            app_label = "customers"

        def __str__(self):
            return self.number

    class SealedPerson(models.Model):
        number = models.CharField(max_length=20, unique=True)
        name = ours.SealedCharField(max_length=20, blank=True, default="", context="person.name")
        kana = ours.SealedCharField(max_length=20, blank=True, default="", context="person.kana")
        note = ours.SealedTextField(null=True, context="person.note")
        email = ours.SealedEmailField(null=True, context="person.email")
        birth_date = ours.SealedDateField(null=True, context="person.birth_date")
        agreed = ours.SealedBooleanField(null=True, context="person.agreed")
        answers = ours.SealedJSONField(null=True, context="person.answers")

        history = history()

        class Meta:
            app_label = "customers"

        def __str__(self):
            return self.number

    class SealedPet(models.Model):
        owner = models.ForeignKey(SealedPerson, models.CASCADE, related_name="pets")

        class Meta:
            app_label = "customers"

        def __str__(self):
            return str(self.pk)


MODELS = [LibraryPerson, LibraryPerson.history.model, SealedPerson, SealedPerson.history.model, SealedPet]
