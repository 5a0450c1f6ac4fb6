"""Lists of the ledger that leave as a file: numbers, days and bases, and no value of a person."""

from django.http import StreamingHttpResponse

from audit.admin.base import DecisionView
from consent.forms import ConfirmForm
from consent.services import ledger_lists
from customers.writing import XLSX


class ListDownload(DecisionView):
    """A decision whose answer is a list as a workbook; that it was taken is written down before it leaves."""

    def __init__(self, verb, **options):
        super().__init__(ConfirmForm, ledger_lists.take, verb, **options)

    def _do(self, request, thing, values):
        return ledger_lists.take(thing, by=request.user.actor)

    def _leave(self, request, model_admin, thing, result):
        response = StreamingHttpResponse(result, content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{thing}.xlsx"'
        response["Cache-Control"] = "no-store"
        return response
