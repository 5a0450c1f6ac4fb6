"""Which kind of video some bytes are, by what stands at their beginning; a name or a sender's word is not asked."""

HEAD = 4096  # bytes that suffice to know
MP4_BRANDS = {
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"M4VH", b"MSNV", b"3gp4",
    b"3gp5", b"3gp6",
}  # fmt: skip
EBML = b"\x1a\x45\xdf\xa3"
DOC_TYPE = b"\x42\x82"


def media_type_of(head):
    """``video/mp4``, ``video/quicktime``, ``video/webm``, or ``None`` for anything else."""
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        if not 16 <= size <= len(head):
            return None
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
        if brands[0] == b"qt  ":
            return "video/quicktime"
        # a still picture of this family names itself first
        return "video/mp4" if brands[0] in MP4_BRANDS else None
    if head[:4] == EBML:
        at = head.find(DOC_TYPE, 4, 64)
        length = head[at + 2 : at + 3]
        said = head[at + 3 : at + 3 + (length[0] & 0x7F)] if at > 0 and length else b""
        return "video/webm" if said.rstrip(b"\0") == b"webm" else None
    return None
