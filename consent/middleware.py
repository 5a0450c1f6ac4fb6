"""Decides for each page whether it asks about analytics, or may load it; the policy of content opens for the latter."""

from django.conf import settings

from consent.services import cookies


class CookieChoiceMiddleware:
    """Sets ``request.asks_about_cookies`` and ``request.loads_analytics``, both false but on the pages of the list.

    Analytics runs where an id is set, the visitor agreed to the wording of today, the browser does not say no by
    itself, and nobody is signed in. Only then does the page's policy name another origin.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.asks_about_cookies = request.loads_analytics = False
        response = self.get_response(request)
        if request.loads_analytics:
            response._csp_update = {
                "script-src": settings.ANALYTICS_SCRIPTS,
                "connect-src": settings.ANALYTICS_ENDPOINTS,
                "img-src": settings.ANALYTICS_ENDPOINTS,
            }
        return response

    def process_view(self, request, view, args, kwargs):
        is_listed = request.resolver_match.view_name in cookies.MEASURED
        if not settings.ANALYTICS_ID or not is_listed or request.user.is_authenticated:
            return
        answer = cookies.Answer.of(request.COOKIES.get(cookies.COOKIE))
        if cookies.is_refused_by_browser(request.headers):
            return
        request.asks_about_cookies = answer is None
        if answer is not None and answer.is_agreed:
            request.loads_analytics = True
            request.analytics = {"id": settings.ANALYTICS_ID, "origin": settings.ANALYTICS_ORIGIN}
