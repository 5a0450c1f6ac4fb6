"""The policy as the public reads it: in force, to come, and as it was."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consent.models import JointUse
from consent.purposes import Purpose
from consent.services import policies, register
from consent.services.comparison import compare
from consent.services.markdown import render as render_markdown
from customers.categories import Category


@login_not_required
@require_safe
def policy(request):
    """The version in force today, and word of the one to come."""
    version = policies.in_force()
    return _show(request, version, {"announced": policies.announced(), "is_in_force": True})


@login_not_required
@require_safe
def history(request):
    """All versions that are or were in force, and those to come."""
    return render(
        request, "consent/history.html", {"periods": policies.periods(), "today": timezone.localdate()}
    )  # fmt: skip


@login_not_required
@require_safe
def joint_use(request):
    """With whom information is used jointly now, with all five items (Article 27(5)(iii)), and what has ended."""
    earlier = JointUse.objects.filter(published_at__isnull=False, ended_at__isnull=False).order_by("-ended_at", "-pk")
    return render(request, "consent/joint_use.html", {"rows": JointUse.objects.public_now(), "earlier": earlier})


@login_not_required
@require_safe
def version(request, number):
    """One version at its lasting address."""
    period = _period_or_404(number)
    return _show(request, period.version, {"period": period, "is_in_force": period.is_in_force})


@login_not_required
@require_safe
def changes(request, number):
    """What one version changed in the one before it."""
    period = _period_or_404(number)
    earlier = policies.predecessor(period.version)
    return render(
        request,
        "consent/changes.html",
        {
            "version": period.version,
            "period": period,
            "earlier": earlier,
            "comparison": compare(earlier.text, period.version.text) if earlier else None,
        },
    )


@login_not_required
@require_safe
def purposes(request):
    """What is used for which purpose today, as the register has it."""
    table = register.table()
    found = [
        (purpose, [(category, table[purpose, category]) for category in Category if (purpose, category) in table])
        for purpose in Purpose
    ]
    return render(
        request,
        "consent/purposes.html",
        {"purposes": found, "is_empty": not table, "today": timezone.localdate(), "version": policies.in_force()},
    )


def _show(request, version, context):
    page = render_markdown(version.text) if version else None
    earlier = policies.predecessor(version) if version else None
    return render(
        request, "consent/policy.html", {"version": version, "page": page, "earlier": earlier, **context}
    )  # fmt: skip


def _period_or_404(number):
    found = next((period for period in policies.periods() if period.version.number == number), None)
    if found is None:
        raise Http404
    return found
