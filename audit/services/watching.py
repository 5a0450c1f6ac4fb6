"""Pages that load themselves anew while work goes on: that alone must not keep a session alive."""

QUERY = "watch=1"


def reload(response, seconds):
    """Have the browser load the page again after so many seconds, as nobody's act."""
    response["Refresh"] = f"{seconds}; url=?{QUERY}"


def is_by_itself(request):
    """Whether a page asks for itself, and nobody pressed anything."""
    return request.method == "GET" and request.META.get("QUERY_STRING") == QUERY
