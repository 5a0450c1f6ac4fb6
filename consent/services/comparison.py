"""What changed between two texts of the policy: by part, then by sentence, then by phrase.

Japanese has no spaces, so phrases are compared by character and words of Latin script as wholes; a common run of fewer
than four characters between two changes belongs to the change, since a text in crumbs cannot be read. A row of a table
is one part, and a link that leads elsewhere is a change.
"""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from .markdown import CELL, Block, blocks

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
SHORTEST_RUN = 4
ALIKE = 0.5  # from here on two parts are one part that was changed
CONTEXT = 1  # unchanged parts shown before and after a change
SENTENCE_END = re.compile(r"(?<=[。！？])(?![」』）。！？])|(?<=[。！？][」』）])|(?<=[.!?]\s)")
TOKEN = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A run of characters that stayed, came or went."""

    kind: str  # SAME, ADDED, REMOVED
    text: str


@dataclass(frozen=True)
class Line:
    """One part of the text with what happened to it."""

    kind: str  # SAME, ADDED, REMOVED, CHANGED
    tag: str
    pieces: list[Piece]

    @property
    def text(self):
        return "".join(piece.text for piece in self.pieces)

    @property
    def tag_shown(self):
        """Headings stay headings; everything else is a paragraph here, since its list or table is not whole."""
        return self.tag if self.tag.startswith("h") else "p"


@dataclass(frozen=True)
class Gap:
    """Parts in a row that did not change and are not shown."""

    count: int


@dataclass
class Section:
    """A heading with all below it, up to the next one."""

    id: str
    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def changes(self):
        return sum(line.kind != SAME for line in self.lines)

    @property
    def shown(self):
        """Changed lines with a line of context, and :class:`Gap` for what lies between."""
        near = {
            other
            for position, line in enumerate(self.lines)
            if line.kind != SAME
            for other in range(position - CONTEXT, position + CONTEXT + 1)
        }
        result = []
        for position, line in enumerate(self.lines):
            if position in near or line.tag == "h2":
                result.append(line)
            elif result and isinstance(result[-1], Gap):
                result[-1] = Gap(result[-1].count + 1)
            else:
                result.append(Gap(1))
        return result


@dataclass(frozen=True)
class Comparison:
    """The changed sections in the order of the newer text; ``unchanged`` counts the others."""

    sections: list[Section]
    unchanged: int

    @property
    def changes(self):
        return sum(section.changes for section in self.sections)


def compare(older, newer):
    """Compare two Markdown texts."""
    sections = []
    for line in _lines(blocks(older), blocks(newer)):
        if line.tag == "h2" or not sections:
            title = "".join(piece.text for piece in line.pieces if piece.kind != REMOVED) or line.text
            sections.append(Section(f"change-{len(sections) + 1}", title if line.tag == "h2" else ""))
        sections[-1].lines.append(line)
    changed = [section for section in sections if section.changes]
    return Comparison(changed, len(sections) - len(changed))


def phrases(older, newer):
    """Two sentences as pieces: what stayed, what went, what came."""
    old, new = TOKEN.findall(older), TOKEN.findall(newer)
    pieces, at_old, at_new = [], 0, 0
    for match in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        run = "".join(old[match.a : match.a + match.size])
        is_end = match.size == 0
        is_edge = (match.a == 0 and match.b == 0) or (
            match.a + match.size == len(old) and match.b + match.size == len(new)
        )
        if not is_end and not is_edge and len(run) < SHORTEST_RUN:
            continue
        _add(pieces, REMOVED, "".join(old[at_old : match.a]))
        _add(pieces, ADDED, "".join(new[at_new : match.b]))
        _add(pieces, SAME, run)
        at_old, at_new = match.a + match.size, match.b + match.size
    return pieces


def sentences(text):
    """``text`` cut after each full stop, losing nothing."""
    return [found for found in SENTENCE_END.split(text) if found]


def _lines(old, new):
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            yield from (Line(SAME, block.tag, [Piece(SAME, block.text)]) for block in new[b:b_end])
        else:
            yield from _paired(old[a:a_end], new[b:b_end])


def _paired(old, new):
    """Changed parts, each beside the part that it comes from, where there is one."""
    best = _best_pair(old, new)
    if best is None:
        yield from (Line(REMOVED, block.tag, [Piece(REMOVED, block.text)]) for block in old)
        yield from (Line(ADDED, block.tag, [Piece(ADDED, block.text)]) for block in new)
        return
    a, b = best
    yield from _paired(old[:a], new[:b])
    yield _changed(old[a], new[b])
    yield from _paired(old[a + 1 :], new[b + 1 :])


def _best_pair(old, new):
    best, best_ratio = None, ALIKE
    matcher = SequenceMatcher(autojunk=False)
    for b, newer in enumerate(new):
        matcher.set_seq2(newer.text)
        for a, older in enumerate(old):
            if older.tag != newer.tag:
                continue
            matcher.set_seq1(older.text)
            if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
                continue
            if (ratio := matcher.ratio()) > best_ratio:
                best, best_ratio = (a, b), ratio
    return best


def _changed(old: Block, new: Block):
    """One part that was changed; of a row with as many cells as before, each cell for itself."""
    before, after = old.text.split(CELL), new.text.split(CELL)
    if new.tag != "tr" or len(before) != len(after):
        return Line(CHANGED, new.tag, _pieces(old.text, new.text))
    pieces = []
    for place, (older, newer) in enumerate(zip(before, after, strict=True)):
        _add(pieces, SAME, CELL if place else "")
        for piece in _pieces(older, newer):
            _add(pieces, piece.kind, piece.text)
    return Line(CHANGED, new.tag, pieces)


def _pieces(old, new):
    """Two texts of one part as pieces: by sentence, and by phrase where a sentence was changed."""
    pieces = []
    before, after = sentences(old), sentences(new)
    for kind, a, a_end, b, b_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        older, newer = "".join(before[a:a_end]), "".join(after[b:b_end])
        if kind == "replace" and SequenceMatcher(None, older, newer, autojunk=False).ratio() > ALIKE:
            for piece in phrases(older, newer):
                _add(pieces, piece.kind, piece.text)
        elif kind == "equal":
            _add(pieces, SAME, newer)
        else:
            _add(pieces, REMOVED, older)
            _add(pieces, ADDED, newer)
    return pieces


def _add(pieces, kind, text):
    if not text:
        return
    if pieces and pieces[-1].kind == kind:
        pieces[-1] = Piece(kind, pieces[-1].text + text)
    else:
        pieces.append(Piece(kind, text))
