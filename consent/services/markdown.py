"""Policy texts as pages: Markdown without raw HTML, cleaned once more after it is made."""

import re
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
TAGS = {
    "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "a", "code", "pre", "blockquote", "hr", "br", "table",
    "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
CELL = " | "  # between the cells of a row
ATTRIBUTES = {"a": {"href"}, "h2": {"id"}, "ol": {"start"}}


@dataclass(frozen=True)
class Heading:
    id: str
    title: str


@dataclass(frozen=True)
class Page:
    """A text as HTML that is safe to show, and its headings for a list of contents."""

    html: SafeString
    headings: list[Heading]


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, list item or row of a table, as plain text. ``tag`` says which: h2 to h4, p, li, tr."""

    tag: str
    text: str


def render(text, prefix=""):
    """``text`` (Markdown by staff) as a page part. Headings begin at the second level: the page has the first.

    ``prefix`` keeps the ids of two texts on one page apart.
    """
    tokens = PARSER.parse(text)
    headings = []
    for position, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = _level(token.tag)
            if token.type == "heading_open" and token.tag == "h2":
                heading = Heading(f"{prefix}section-{len(headings) + 1}", _plain(tokens[position + 1]))
                token.attrSet("id", heading.id)
                headings.append(heading)
    html = nh3.clean(
        PARSER.renderer.render(tokens, PARSER.options, {}),
        tags=TAGS, attributes=ATTRIBUTES, url_schemes={"https", "http", "mailto"}, link_rel="noopener noreferrer",
    )  # fmt: skip
    html = html.replace("<table>", '<div class="table-wrap"><table>').replace("</table>", "</table></div>")
    return Page(mark_safe(html), headings)  # noqa: S308 nh3 made it safe


def blocks(text):
    """``text`` as its parts in reading order, for comparing. A link says where it leads; a row is one part."""
    found, stack, cells = [], [], []
    for token in PARSER.parse(text):
        if token.nesting == 1:
            stack.append(_level(token.tag) if token.type == "heading_open" else token.tag)
        elif token.nesting == -1:
            if stack.pop() == "tr":
                found.append(Block("tr", CELL.join(cells) if any(cells) else ""))
                cells = []
        elif token.type == "inline" and stack[-1] in ("td", "th"):
            cells.append(_plain(token, with_links=True))
        elif token.type == "inline":
            found.append(Block(_tag(stack), _plain(token, with_links=True)))
        elif token.type in ("fence", "code_block"):
            found.append(Block("p", token.content.strip()))
    return [block for block in found if block.text]


def _level(tag):
    return {"h1": "h2", "h2": "h2", "h3": "h3"}.get(tag, "h4")


def _tag(stack):
    if stack[-1] in ("h2", "h3", "h4"):
        return stack[-1]
    return "li" if "li" in stack else "p"


def _plain(token, with_links=False):
    parts, address = [], ""
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "link_open":
            address = child.attrGet("href")
        elif child.type == "link_close" and with_links and parts[-1:] != [address.removeprefix("mailto:")]:
            parts.append(f" ({address})")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return re.sub(r"\s+", " ", "".join(parts)).strip()
