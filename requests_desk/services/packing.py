"""A ZIP made piece by piece, so that memory stays flat and nothing lies readable on the disk."""

import zipfile

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
PIECE = 65_536


class _Drain:
    """A file to write to that cannot be read: what was written is taken away in pieces."""

    def __init__(self):
        self._held, self._size = [], 0

    def write(self, data):
        self._held.append(bytes(data))
        self._size += len(data)
        return len(data)

    def flush(self):
        """Nothing to do: what was written is taken by :meth:`take`."""

    def take(self, at_least=1):
        if self._size < at_least:
            return []
        held, self._held, self._size = self._held, [], 0
        return [b"".join(held)]


def zipped(members):
    """The bytes of a ZIP in pieces, from ``(name, pieces of bytes)``. The pieces of a member are asked for in turn."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in members:
            about = zipfile.ZipInfo(name, ZIP_TIME)
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
                    yield from drain.take(PIECE)
    yield from drain.take()
