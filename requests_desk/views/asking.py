"""Before sending: start page, one page per question, check answers, code.

Every post is stored in the sealed draft, right or wrong, and answered by a redirect. So back, refresh and forward only
ever fetch pages, and each shows what was typed.
"""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from audit.calendar import era_date
from audit.services import languages, office
from audit.views import public, too_many
from customers.exceptions import CodeError, CodeExpired, CodeSpent, TooMany
from requests_desk.exceptions import DraftAlreadySent, DraftIncomplete, DraftUnknown
from requests_desk.forms import BY_MAIL, SITE_STEPS, CodeForm
from requests_desk.forms.postcodes import suggested
from requests_desk.models import FEE_KINDS, Kind
from requests_desk.services import drafts

from . import visits
from .status import address_of_status

STEPS = list(SITE_STEPS)
PAGES = len(STEPS) + 2  # the questions, check, code
FREE = {kind.lower() for kind in Kind if kind not in FEE_KINDS}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    """What you can ask, what it costs, how long it takes, what you need at hand. A post begins anew."""
    draft = visits.draft_of(request)
    if request.method == "POST":
        response = redirect("requests_desk:question", STEPS[0])
        visits.forget_draft(response)
        return response
    sent = draft and drafts.sent_as(draft)
    unfinished = draft and not sent and draft.answers
    context = {"sent": sent, "unfinished": unfinished, "lost": "lost" in request.GET, "fee": _fee(), "resume": ""}
    if unfinished:
        missing = drafts.missing(draft)
        page = reverse("requests_desk:question", args=[missing[0]]) if missing else reverse("requests_desk:check")
        context["resume"] = page
    return render(request, "requests_desk/start.html", context)


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def question(request, step):
    """One page of questions."""
    if step not in SITE_STEPS:
        raise Http404
    draft = visits.draft_of(request)
    sent = draft and drafts.sent_as(draft)
    if sent:
        return redirect(address_of_status(sent, note="already"))
    if request.method == "POST":
        return _answer(request, SITE_STEPS[step], draft)
    if not draft and step != STEPS[0]:
        return redirect(f"{reverse('requests_desk:start')}?lost=1")
    saved = draft.answers.get(step, {}) if draft else {}
    return _show(request, SITE_STEPS[step], saved)


def _show(request, form_class, saved, *, status=200, **context):
    form = form_class(saved.get("typed", {}), quiet=not saved.get("tried"))
    place = STEPS.index(form.step)
    context |= {
        "form": form,
        "number": place + 1,
        "of": PAGES,
        "back": _back(request, place),
        "meant": saved.get("meant", ""),
        "suggestion": saved.get("suggestion", ""),
        "filled": saved.get("filled", ""),
        "lost": "lost" in request.GET,
        "changing": request.GET.get("return") == "check",
        "language_form": "question",
        "noindex": True,
    }
    return render(request, form.template, context, status=status)


def _back(request, place):
    """Where the link 「戻る」 on top of a page leads."""
    if request.GET.get("return") in ("check", "code"):
        return reverse(f"requests_desk:{request.GET['return']}")
    return reverse("requests_desk:question", args=[STEPS[place - 1]]) if place else reverse("requests_desk:start")


def _answer(request, form_class, draft):
    reason = visits.forged(request)
    typed = form_class.typed_in(request.POST)
    if reason:
        return _show(request, form_class, {"typed": typed}, status=403, forged=True)
    begun = draft is not None
    if not draft:
        try:
            visits.take(request, "draft", most=120)
        except TooMany as reached:
            return too_many(request, reached)
        draft, key = drafts.start(language=translation.get_language())
    try:
        target = _keep(request, form_class, typed, draft)
    except DraftAlreadySent as already:
        target = address_of_status(already.request, note="already")
    except DraftUnknown:
        target = f"{reverse('requests_desk:start')}?lost=1"
    if not begun and form_class.step != STEPS[0]:
        target = f"{reverse('requests_desk:question', args=[STEPS[0]])}?lost=1"
    response = redirect(target)
    if "switch_language" in request.POST:
        languages.remember(response, request.POST["switch_language"])
    if not begun:
        visits.remember_draft(response, key)
    return response


def _keep(request, form_class, typed, draft):
    """Store what was typed on this page; the address of the page that comes next."""
    step, here = form_class.step, request.get_full_path()
    form, before = form_class(typed), draft.answers.get(form_class.step, {})
    values = {"typed": typed, "tried": True}

    if "switch_language" in request.POST:
        drafts.answer(draft, step, {**form.kept(), **values, "tried": False})
        return here
    if "fill" in request.POST and step == "address":
        drafts.answer(draft, step, {**values, "tried": False, **_filled(typed)})
        return f"{here}#id_address"
    if step == "contact" and form.near_miss():
        answer, meant = request.POST.get("mail"), form.near_miss()
        if answer == "fix":
            typed["email"] = meant
            form = form_class(typed)
        elif answer != "keep" and before.get("meant") != meant and before.get("email") != typed["email"]:
            drafts.answer(draft, step, {**values, "meant": meant})
            return here
    drafts.answer(draft, step, {**form.kept(), **values})
    if not form.is_valid():
        return here
    return _next(request, step, form)


def _filled(typed):
    """「住所を入れる」: the beginning of the address where none was typed; else a suggestion beside it."""
    found = suggested(typed["postcode"])
    if not found:
        return {"filled": "unknown"}
    if typed["address"].strip():
        return {"filled": "kept", "suggestion": found}
    typed["address"] = found
    return {"filled": "filled"}


def _next(request, step, form):
    if form.is_by_mail:
        return reverse("requests_desk:by_mail", args=[form.is_by_mail.lower()])
    if request.GET.get("return") in ("check", "code"):
        return reverse("requests_desk:check")
    place = STEPS.index(step) + 1
    if place < len(STEPS):
        return reverse("requests_desk:question", args=[STEPS[place]])
    return reverse("requests_desk:check")


@public
@require_http_methods(["GET", "HEAD"])
def by_mail(request, kind):
    """How to ask for what the form does not take yet."""
    if kind not in BY_MAIL:
        raise Http404
    return render(
        request,
        "requests_desk/by_mail.html",
        {"label": BY_MAIL[kind], "costs": kind not in FREE, "fee": _fee(), "noindex": True},
    )


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def check(request):
    """All answers on one page. Nothing has been sent yet."""
    draft = visits.draft_of(request)
    if not draft:
        return redirect(f"{reverse('requests_desk:start')}?lost=1")
    sent = drafts.sent_as(draft)
    if sent:
        return redirect(address_of_status(sent, note="already"))
    if request.method == "POST":
        if visits.forged(request):
            return _show_check(request, draft, status=403, forged=True)
        return _send(request, draft)
    return _show_check(request, draft)


def _show_check(request, draft, *, status=200, **context):
    missing = drafts.missing(draft)
    context |= {
        "rows": _rows(draft, missing),
        "missing": [(step, SITE_STEPS[step].title()) for step in missing],
        "fee": _fee(),
        "tried": "tried" in request.GET,
        "number": PAGES - 1,
        "of": PAGES,
        "back": reverse("requests_desk:question", args=[STEPS[-1]]),
        "noindex": True,
    }
    return render(request, "requests_desk/check.html", context, status=status)


def _send(request, draft):
    try:
        visits.take(request, "code", most=40)
        drafts.ask_for_code(drafts.speak(draft, language=translation.get_language()))
        drafts.answer(draft, "code", {})  # what was said of the last one does not hold for the new one
    except TooMany as reached:
        return too_many(request, reached)
    except DraftIncomplete:
        return redirect(f"{reverse('requests_desk:check')}?tried=1")
    except DraftAlreadySent as already:
        return redirect(address_of_status(already.request, note="already"))
    return redirect("requests_desk:code")


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def code(request):
    """The six digits from the mail. The right ones make the request."""
    draft = visits.draft_of(request)
    if not draft:
        return redirect(f"{reverse('requests_desk:start')}?lost=1")
    sent = drafts.sent_as(draft)
    if sent:
        return redirect(address_of_status(sent, note="already"))
    if drafts.missing(draft):
        return redirect("requests_desk:check")
    if request.method == "POST":
        typed = CodeForm.typed_in(request.POST)
        if visits.forged(request):
            return _show_code(request, draft, {"typed": typed}, status=403, forged=True)
        if "again" in request.POST:
            response = _send(request, draft)
            if response.status_code == 302:
                again = "only" if _no_code_counts(draft) else "1"
                response = redirect(f"{reverse('requests_desk:code')}?again={again}")
            return response
        return _confirm(request, draft, typed)
    return _show_code(request, draft, draft.answers.get("code", {}))


def _confirm(request, draft, typed):
    form = CodeForm(typed)
    problem = None
    if form.is_valid():
        try:
            visits.take(request, "code-try", most=60)
            made = drafts.confirm(draft, form.cleaned_data["code"])
        except TooMany as reached:
            return too_many(request, reached)
        except CodeError as refused:
            problem = [type(refused).__name__, getattr(refused, "tries_left", 0)]
        except DraftIncomplete:
            return redirect(f"{reverse('requests_desk:check')}?tried=1")
        except DraftUnknown:
            return redirect(f"{reverse('requests_desk:start')}?lost=1")
        else:
            return redirect(address_of_status(made, note="sent"))
    try:
        drafts.answer(draft, "code", {"typed": typed, "tried": True, "problem": problem})
    except DraftAlreadySent as already:
        return redirect(address_of_status(already.request, note="already"))
    return redirect("requests_desk:code")


def _no_code_counts(draft):
    """Whether the last try said that the codes sent so far are too old or used up."""
    problem = draft.answers.get("code", {}).get("problem")
    return bool(problem) and problem[0] in (CodeExpired.__name__, CodeSpent.__name__)


def _show_code(request, draft, saved, *, status=200, **context):
    refused = {"code": CodeForm.refusal(*saved["problem"])} if saved.get("problem") else {}
    form = CodeForm(saved.get("typed", {}), quiet=not saved.get("tried"), refused=refused)
    context |= {
        "form": form,
        "email": draft.answers["contact"]["email"],
        "again": request.GET.get("again", ""),
        "number": PAGES,
        "of": PAGES,
        "back": reverse("requests_desk:check"),
        "noindex": True,
    }
    return render(request, "requests_desk/code.html", context, status=status)


def _rows(draft, missing):
    """The answers for the check page, as they were typed; a date as it was understood."""
    rows = []
    for step, form_class in SITE_STEPS.items():
        form = form_class(draft.answers.get(step, {}).get("typed", {}))
        for field in form:
            wrong = step in missing and (bool(field.words) or form.is_single)
            rows.append({"step": step, "label": field.label, "value": _shown(form, field), "wrong": wrong})
    return rows


def _shown(form, field):
    if field.field.control == "choices":
        return next((label for value, label, _support in field.field.choices if value == field.value()), "")
    if field.field.control == "date":
        date = form.cleaned_data.get(field.name) if form.is_valid() else None
        return era_date(date) if date else " ".join(part for part in field.value() if part)
    return field.value() or ""


def _fee():
    return f"{office.current().disclosure_fee:,}"
