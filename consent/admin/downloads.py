"""Files that leave from the desk: made or listed by a service that writes down who took them."""

from django.http import StreamingHttpResponse

from audit.admin.base import DecisionView
from consent.forms import ConfirmForm
from consent.models import Export
from consent.services import exports, ledger_lists
from customers.writing import XLSX


class Download(DecisionView):
    """A decision whose answer is a file. Whoever extends it says what :meth:`head_of` says."""

    def head_of(self, thing):
        """Media type, name, and size in bytes where it is known."""
        raise NotImplementedError

    def _leave(self, request, model_admin, thing, result):
        media_type, name, size = self.head_of(thing)
        response = StreamingHttpResponse(result, content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        if size is not None:
            response["Content-Length"] = str(size)
        return response


class ExportDownload(Download):
    """What an export holds: the one door out for values of customers."""

    def head_of(self, export):
        ending = exports.WRITERS[Export.Format(export.format)][2]
        return export.file.media_type, f"{export.number}.{ending}", export.file.size


class ListDownload(Download):
    """A list of the ledger as a workbook: numbers, days and bases, and no value of a person."""

    def __init__(self, verb, **options):
        super().__init__(ConfirmForm, ledger_lists.take, verb, **options)

    def head_of(self, thing):
        return XLSX, f"{thing}.xlsx", None
