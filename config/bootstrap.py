"""Makes `demo` and `test` work on a machine that has only Python and a clone. Standard library only."""


def prepare(argv):
    """Return when every dependency can be imported; install what is missing first."""
