from audit.models import Office


def current():
    """The office's row."""
    return Office.objects.get(pk=1)
