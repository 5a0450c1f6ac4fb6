"""One page per decision: what will happen, to whom, what cannot be undone, reasons, confirm."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from audit.exceptions import OfficeError

from .lists import whole_number
from .panels import Act, NotNow


class DecisionView:
    """A decision of staff: a form, the one service that it calls, and the verb on its button.

    ``service(thing, **form.cleaned_data, by=actor)`` does it; an :class:`OfficeError` from it is shown above the form,
    and at the field that it names, with what was typed. With ``on_list`` there is no thing yet, and the service is
    called without one.

    ``permission``    who may (``app.codename``); checked on GET and POST.
    ``explain``       what will happen: a sentence, or ``explain(thing)``.
    ``cannot_undo``   what cannot be taken back; the button is red then.
    ``done``          the message afterwards, with ``%(number)s``: what happened, to which number, what next.
    ``may``           ``may(request, thing)`` gives ``None`` when possible now, else :class:`NotNow`.
    ``arguments``     ``arguments(request, thing)``: more keyword arguments for the form.
    ``call``          ``call(request, thing, cleaned_data)`` in place of the plain call of the service.
    ``panels``        ``panels(request, thing)``: what to look at beside the form.
    ``next_url``      ``next_url(request, thing, result)``; by default the thing's page.
    ``section``       the section of the page in which its button stands, in place of the "now" box.
    ``part``          ``part(request, thing, number)`` gives one row of that section, or ``None`` where it is gone: the
                      decision is about that row, which takes the thing's place in what is named above.
    """

    template = "admin/office/decision.html"

    def __init__(
        self, form, service, verb, *, permission, name="", title="", explain="", cannot_undo="", done="", may=None,
        arguments=None, call=None, panels=None, next_url=None, on_list=False, main=False, template="", role_words="",
        section="", part=None,
    ):  # fmt: skip
        self.form, self.service, self.verb, self.permission = form, service, verb, permission
        self.name = name or slugify(service.__name__.replace("_", "-"))
        self.title, self.explain, self.cannot_undo = title or verb, explain, cannot_undo
        self.done = done or _("%(number)s: done.")
        self.may, self.arguments, self.call, self.panels = may, arguments, call, panels
        self.next_url, self.on_list, self.main = next_url, on_list, main
        self.template = template or self.template
        self.role_words = role_words
        self.section, self.part = section, part
        self.address = f"<str:object_id>/{self.name}/" + ("<str:part_id>/" if part else "")

    def view(self, model_admin):
        """The Django view of this decision on the pages of ``model_admin``."""

        def decide(request, object_id=None, part_id=None):
            return self.respond(request, model_admin, object_id, part_id)

        return decide

    def is_allowed(self, request):
        return request.user.has_perm(self.permission)

    def act(self, request, model_admin, thing, part=None):
        """The decision as an act of the page's "now" box, or of the row that is its part."""
        not_now = self.may(request, part or thing) if self.may else None
        if not_now is None and not self.is_allowed(request):
            not_now = NotNow(self.role_words or _("This is done by another role."))
        return Act(self.verb, model_admin.decision_url(self, thing, part), not_now, self.main)

    def respond(self, request, model_admin, object_id, part_id=None):
        if not self.is_allowed(request) or not model_admin.has_view_permission(request):
            raise PermissionDenied
        thing = None
        if not self.on_list:
            thing = model_admin.thing_or_404(request, object_id)
        about = thing
        if self.part:
            number = whole_number(part_id)
            about = self.part(request, thing, number) if number else None
            if about is None:
                messages.warning(
                    request,
                    _("%(number)s: what you wanted to change is no longer there. Here is the page as it is now.")
                    % {"number": thing},
                )  # fmt: skip
                return HttpResponseRedirect(model_admin.page_url(thing))
        not_now = self.may(request, about) if self.may else None
        panels = model_admin.ready_panels(request, thing, self.panels(request, about) if self.panels else [])
        more = self.arguments(request, about) if self.arguments else {}
        is_sent = request.method == "POST" and not_now is None
        if is_sent and "panel" in request.POST:
            panel = model_admin.open_panel(request, panels)
            response = self.page(request, model_admin, thing, self.form(**more), not_now, panels, panel, about=about)
            response["Cache-Control"] = "no-store"
            return response
        form = self.form(request.POST, request.FILES, **more) if is_sent else self.form(**more)
        if is_sent and form.is_valid():
            try:
                result = self._do(request, about, form.cleaned_data)
            except OfficeError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self._leave(request, model_admin, thing, result)
        return self.page(request, model_admin, thing, form, not_now, panels, about=about)

    def _do(self, request, thing, values):
        if self.call:
            return self.call(request, thing, values)
        if self.on_list:
            return self.service(**values, by=request.user.actor)
        return self.service(thing, **values, by=request.user.actor)

    def _leave(self, request, model_admin, thing, result):
        subject = thing if thing is not None else result
        messages.success(request, self.done % {"number": model_admin.called(subject)})
        if self.next_url:
            return HttpResponseRedirect(self.next_url(request, thing, result))
        if isinstance(subject, model_admin.model) and model_admin.has_view_permission(request, subject):
            return HttpResponseRedirect(model_admin.page_url(subject))
        return HttpResponseRedirect(model_admin.list_url())

    def page(self, request, model_admin, thing, form, not_now, panels, opened=None, *, about=None):
        back = model_admin.page_url(thing) if thing is not None else model_admin.list_url()
        context = {
            **model_admin.admin_site.each_context(request),
            "title": self.title,
            "decision": self,
            "explanation": self.explain(about) if callable(self.explain) else self.explain,
            "thing": thing,
            "called": model_admin.called(thing) if thing is not None else "",
            "form": form,
            "not_now": not_now,
            "opts": model_admin.opts,
            "list_url": model_admin.list_url(),
            "back_url": back,
            "panels": panels,
            "revealed": opened if opened and opened.revealed else None,
            "failed_panel": opened if opened and opened.reveal_form and opened.reveal_form.errors else None,
            "reveal_url": request.get_full_path(),
            "page_url": request.get_full_path(),
        }
        request.current_app = model_admin.admin_site.name
        return TemplateResponse(request, self.template, context)
