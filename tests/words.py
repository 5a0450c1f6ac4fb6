"""Finds the strings that are to be translated, as `makemessages` would, and reads catalogues."""

import ast
import re
from pathlib import Path

from django.utils.translation.template import templatize

PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
WITH_PLURAL = {"ngettext", "ngettext_lazy"}
WITH_BOTH = {"npgettext", "npgettext_lazy"}
CALL = re.compile(r"\b(npgettext|pgettext|ngettext|gettext|_)\(")
ENTRY = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")$|^(".*")$', re.MULTILINE)


def of_python(path):
    """The keys, as a catalogue has them, of all calls of gettext in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield from _keys(name, node.args)


def of_template(path):
    """The same of a template."""
    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(text):
        for end in (found.end() for found in re.finditer(r"\)", text[call.end() :])):
            try:
                node = ast.parse(text[call.start() : call.end() + end], mode="eval").body
            except SyntaxError:
                continue
            yield from _keys(call.group(1), node.args)
            break


def _keys(name, arguments):
    words = [each.value if isinstance(each, ast.Constant) else None for each in arguments]
    if name in PLAIN | WITH_PLURAL and words and isinstance(words[0], str):
        yield words[0]
    if name in WITH_CONTEXT | WITH_BOTH and len(words) > 1 and isinstance(words[1], str):
        yield f"{words[0]}\x04{words[1]}"


def of_catalogue(path):
    """The entries of a .po file: key -> list of its translations; fuzzy ones raise."""
    text = Path(path).read_text(encoding="utf-8")
    assert "#, fuzzy" not in text, f"{path} has fuzzy entries"
    entries, entry, field = {}, {}, None
    for line in [*ENTRY.findall(re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)), ("msgid", '""', "")]:
        name, start, more = line
        if not name:
            entry[field] += ast.literal_eval(more)
            continue
        if name in ("msgctxt", "msgid") and any(each.startswith("msgstr") for each in entry):
            context = f"{entry['msgctxt']}\x04" if "msgctxt" in entry else ""
            said = [value for each, value in entry.items() if each.startswith("msgstr")]
            entries[context + entry["msgid"]] = said
            entry = {}
        field = name
        entry[field] = ast.literal_eval(start)
    entries.pop("", None)
    return entries
