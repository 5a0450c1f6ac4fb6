"""``manage.py replay_erasures``: after a restore, erase again who was erased since the backup. May be run twice."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.exceptions import OfficeError
from audit.models import Actor
from requests_desk.services import replaying


class Command(BaseCommand):
    help = "Erases again whom erasures.log (in SEALS_FOLDER) names and the restored database still has."
    requires_system_checks = []

    def handle(self, **options):
        try:
            count = replaying.replay(by=Actor.system(), told=self.tell)
        except OfficeError as error:
            raise CommandError(str(error)) from error
        words = ngettext("%(count)s erasure was done again.", "%(count)s erasures were done again.", count)
        self.stdout.write(words % {"count": count} if count else _("No erasure is missing in this database."))

    def tell(self, line):
        self.stdout.write(f"{line['erasure']}  {line['on']}")
