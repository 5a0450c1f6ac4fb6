"""Rules that hold for everything of ours, present and future."""

import ast
import gettext
import importlib
import inspect
import re
import subprocess
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLResolver, get_resolver
from django.utils.translation import trans_real

from config import inventory
from config.checks import every_category_has_its_fields, every_field_has_its_category
from config.formats.en import formats as english
from tests import words

BASE = settings.BASE_DIR
APPS = ["audit", "customers", "consent", "requests_desk"]
TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, text=True, check=True)
FILES = [BASE / name for name in TRACKED.stdout.split("\0") if name and (BASE / name).is_file()]
PYTHON = [path for path in FILES if path.suffix == ".py"]
OURS = [path for path in PYTHON if path.relative_to(BASE).parts[0] in [*APPS, "config"]]
TEMPLATES = [path for path in FILES if path.suffix in (".html", ".txt") and "templates" in path.parts]
MODELS = [
    model for model in apps.get_models() if model._meta.app_label in APPS and not model.__name__.startswith("Hist")
]


def name_of(path):
    return str(path.relative_to(BASE))


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def each_model(found):
    return pytest.mark.parametrize("model", found, ids=lambda model: model._meta.label)


# What is personal


@each_model(MODELS)
def test_every_field_is_declared_personal_or_not(model):
    assert model in inventory.models()
    assert [error for error in every_field_has_its_category(None) if error.obj is model] == []


def test_every_category_lies_in_the_file_of_the_customers():
    assert every_category_has_its_fields(None) == []


@each_model(MODELS)
def test_what_a_row_is_called_tells_nothing_of_a_person(model):
    text = inspect.getsource(model.__str__)

    assert model.__str__ is not models.Model.__str__, "a row is called by its reference"
    assert not [name for name in model.PersonalData.personal if re.search(rf"\b{name}\b", text)]


NOT_AN_ACT = {
    "audit.Job.due_at": "a time to come",
    "audit.Job.started_at": "a worker took it up; who handed it over is `created_by`",
    "audit.Job.finished_at": "a worker ended it; who handed it over is `created_by`",
    "audit.OutgoingMail.due_at": "a time to come",
    "audit.OutgoingMail.finished_at": "a worker sent it; who posted it is `created_by`",
    "requests_desk.Package.last_collected_at": "the same person again; who collected is `collected_by`",
    "audit.Seal.sealed_at": "the sequencer alone seals",
    "audit.Staff.created_at": "the trail says who; the first account has nobody above it",
}


def acts():
    for model in MODELS:
        for field in model._meta.fields:
            label = f"{model._meta.label}.{field.name}"
            if field.name.endswith("_at") and isinstance(field, models.DateTimeField) and label not in NOT_AN_ACT:
                yield pytest.param(model, field.name, id=label)


@pytest.mark.parametrize(("model", "name"), list(acts()))
def test_every_moment_of_an_act_is_bound_to_who_acted(model, name):
    actor = name.removesuffix("_at") + "_by"
    fields = {field.name: field for field in model._meta.fields}
    assert actor in fields
    if not fields[name].null and not fields[actor].null:
        return
    conditions = [str(rule.condition) for rule in model._meta.constraints if isinstance(rule, models.CheckConstraint)]

    assert any(f"{name}__isnull" in said and f"{actor}__isnull" in said for said in conditions)


# Where code lives


MAY_IMPORT_LATE = {
    "manage.py": "a bare Python must come as far as the bootstrap",
    "config/bootstrap.py": "a bare Python, and Pythons that are too old",
    "config/management/commands/demo.py": "there are no models before the servers stand",
}


@each([path for path in OURS if name_of(path) not in MAY_IMPORT_LATE])
def test_nothing_is_imported_inside_a_function(path):
    late = []
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            if path.name == "apps.py" and function.name == "ready":
                continue
            late += [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]

    assert not late


def test_no_file_is_named_for_nothing():
    vague = {"utils", "util", "helpers", "helper", "common", "core", "misc"}

    assert not [
        name_of(path) for path in FILES if vague & {part.split(".")[0] for part in path.relative_to(BASE).parts}
    ]


@each([path for path in OURS if "migrations" not in path.parts])
def test_no_module_is_longer_than_one_reads(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_config_can_be_imported_by_a_bare_python():
    assert not (BASE / "config" / "__init__.py").read_text().strip()


# What the project may not say


HOMES = "|".join(f"/{name}/" for name in ("root", "home", "Users", "work", "opt"))
MACHINE = re.compile(HOMES + r"|py" + r"pi\.org|index" + "-url")


@each([path for path in FILES if path.suffix not in (".mo", ".png", ".jpg", ".heic", ".svg", ".woff2")])
def test_no_file_names_a_machine(path):
    assert not MACHINE.findall(path.read_text(encoding="utf-8"))


def test_constraints_are_names_and_versions():
    lines = (BASE / "config" / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []


# What leaves


MAY_WRITE = {
    "audit/services/sequencer.py": "seals of the trail: digests, no values",
    "config/bootstrap.py": "settings of the demo and the test's interpreter",
    "config/demo/staff.py": "invented accounts of the demo",
    "config/embedded.py": "configuration and logs of the embedded servers",
    "config/management/commands/demo.py": "secrets and accounts of the demo, on the demo's own machine",
    "config/processes.py": "logs of processes, which hold no values",
    "config/settings/test.py": "folders of the tests",
    "config/sink.py": "mails of the demo, to invented people",
    "consent/admin/downloads.py": "the one door out: what consent.services.exports has made, and lists of numbers",
    "customers/admin/customers.py": "a photo or video in the page of who gave a reason for it",
    "customers/admin/imports.py": "the report of an import: lines, columns and reasons, no values",
    "customers/importing/report.py": "the same report as a file",
    "customers/management/commands/import_customers.py": "the same report, to a path that staff name",
    "customers/management/commands/import_events.py": "the report of events, to a path that staff name",
    "customers/management/commands/make_sample_customers.py": "invented customers",
    "customers/management/commands/make_sample_events.py": "invented events",
    "customers/services/uploads.py": "what is being uploaded, sealed under a key that is never written",
    "customers/storage.py": "sealed files: the only readable bytes are in memory",
    "customers/writing.py": "pieces in memory, for who seals them",
    "requests_desk/admin/desk.py": "a picture of a document in the page of its verifier, under the request",
    "requests_desk/dossier.py": "pieces in memory of the answer to a person's own request, for who seals them",
    "requests_desk/services/ledger.py": "who was erased: numbers and days, no values",
    "requests_desk/views/status.py": "that answer, by a one-time link to the person",
}
WRITERS = {
    "FileResponse",
    "StreamingHttpResponse",
    "TemporaryFile",
    "NamedTemporaryFile",
    "SpooledTemporaryFile",
    "mkstemp",
    "mkdtemp",
    "TemporaryDirectory",
    "Workbook",
    "ZipFile",
    "DictWriter",
    "write_text",
    "write_bytes",
    "copyfileobj",
}


def ways_out(path):
    """How a module could write a file or hand one out: names of calls, or of what they are asked for."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value == "Content-Disposition":
            found.add("attachment")
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name in WRITERS or (owner, name) == ("csv", "writer"):
            found.add(name)
        if name in ("open", "fdopen") and any(
            isinstance(each, ast.Constant)
            and isinstance(each.value, str)
            and set(each.value) & set("wax+")
            and len(each.value) <= 3
            for each in [*node.args, *[keyword.value for keyword in node.keywords]]
        ):
            found.add("open")
    return found


def test_nothing_writes_or_hands_out_a_file_but_what_is_named_with_its_reason():
    """Personal data leave by :mod:`consent.services.exports`, or as the answer to a person's own request."""
    assert {name_of(path) for path in OURS if ways_out(path)} == set(MAY_WRITE)


@pytest.mark.parametrize(
    "line",
    [
        "open(place, 'w')", "path.open('ab')", "os.fdopen(number, mode='wb')", "path.write_text(name)",
        "csv.writer(target)", "csv.DictWriter(target, names)", "Workbook(write_only=True)", "ZipFile(target, 'w')",
        "tempfile.NamedTemporaryFile()", "FileResponse(file)", "StreamingHttpResponse(pieces)",
        "HttpResponse(text, headers={'Content-Disposition': 'attachment'})",
    ],
)  # fmt: skip
def test_such_a_line_is_found(tmp_path, line):
    module = tmp_path / "module.py"
    module.write_text(line)

    assert ways_out(module)


# What people see


INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?://[^\s\"']*\.(?:js|css)\b", re.I
)


@each([path for path in TEMPLATES if path.suffix == ".html" and "pdf" not in path.parts])
def test_no_template_has_a_script_or_a_style_inside(path):
    assert not INLINE.findall(path.read_text(encoding="utf-8"))


FORMATS = {name for name in vars(english) if name.endswith("_FORMAT")}
OF_THEIR_OWN = {
    "templates/audit/mail/daily_seal.txt": "compared with a seal outside, to the second and the zone",
    "templates/admin/consent/permitteduse/table.html": "150 narrow cells, and a field that takes a day in this form",
}


@each(TEMPLATES)
def test_every_template_writes_dates_by_the_name_of_a_format(path):
    written = set(re.findall(r"\|date:[\"']([^\"']*)", path.read_text(encoding="utf-8")))
    only_hours = {each for each in written if not re.search(r"[^His:]", each)}

    assert name_of(path) in OF_THEIR_OWN or written <= FORMATS | only_hours


OPEN_VIEWS = {
    "accessibility",
    "admin:login",
    "consent:ask-for-preferences",
    "consent:changes",
    "consent:cookies",
    "consent:feed",
    "consent:feed-en",
    "consent:history",
    "consent:policy",
    "consent:purposes",
    "consent:joint-use",
    "consent:preferences",
    "consent:question",
    "consent:stop",
    "consent:transmissions",
    "consent:version",
    "home",
    "language",
    "requests_desk:answer",
    "requests_desk:answer_again",
    "requests_desk:by_mail",
    "requests_desk:check",
    "requests_desk:code",
    "requests_desk:find",
    "requests_desk:find_code",
    "requests_desk:lost",
    "requests_desk:photo",
    "requests_desk:question",
    "requests_desk:start",
    "requests_desk:status",
    "requests_desk:withdraw",
}


def open_views(resolver=None, before=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{before}{pattern.namespace}:" if pattern.namespace else before
            yield from open_views(pattern, space)
        elif not getattr(pattern.callback, "login_required", True):
            yield f"{before}{pattern.name}"


def test_the_views_without_sign_in_are_these():
    assert set(open_views()) == OPEN_VIEWS


@each([path for path in OURS if path.relative_to(BASE).parts[0] in APPS])
def test_every_string_of_a_module_is_translated(path):
    missing(words.of_python(path))


@each(TEMPLATES)
def test_every_string_of_a_template_is_translated(path):
    missing(words.of_template(path))


def missing(keys):
    catalogue = trans_real.translation("ja")._catalog
    known = {key if isinstance(key, str) else key[0] for each in catalogue._catalogs for key in each}

    assert sorted({key for key in keys if key and key not in known}) == []


def test_no_two_apps_say_the_same_words_differently():
    """Django merges the catalogues, and one of the two would show everywhere: a context keeps them apart."""
    said = {}
    for app in APPS:
        for key, words_of_key in words.of_catalogue(BASE / app / "locale" / "ja" / "LC_MESSAGES" / "django.po").items():
            said.setdefault(key, set()).add(words_of_key[0])

    assert {key: words_of_key for key, words_of_key in said.items() if key and len(words_of_key) > 1} == {}


@pytest.mark.parametrize("app", APPS)
def test_the_compiled_catalogue_is_that_of_the_text(app):
    folder = BASE / app / "locale" / "ja" / "LC_MESSAGES"
    written = words.of_catalogue(folder / "django.po")
    with open(folder / "django.mo", "rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog

    assert not [key for key, said in written.items() if not all(said)]
    assert {key: said[0] for key, said in written.items()} == {
        key if isinstance(key, str) else key[0]: said for key, said in compiled.items() if key
    }


# What is handed over


def handed_over(*functions):
    """The first arguments of all calls of these functions in our apps: ``(module, value)``."""
    for path in OURS:
        module = name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            if getattr(node.func, "id", getattr(node.func, "attr", "")) not in functions:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield module, first.value
            elif isinstance(first, ast.Name) and first.id.isupper():
                yield module, getattr(importlib.import_module(module), first.id)


@pytest.mark.parametrize(("module", "name"), sorted(set(handed_over("enqueue", "hint", "send_task"))))
def test_every_name_that_is_handed_over_is_a_task(db, module, name):
    current_app.loader.import_default_modules()

    assert name in current_app.tasks


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE)
def test_the_clock_calls_tasks_that_exist(db, entry):
    current_app.loader.import_default_modules()

    assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in current_app.tasks


@pytest.mark.parametrize(
    "name", sorted({kind for _module, kind in handed_over("post") if re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)})
)
def test_every_kind_of_mail_has_its_composer(name):
    app, composer = name.split(".")

    assert callable(getattr(importlib.import_module(f"{app}.mail"), composer))


def test_something_is_handed_over():
    assert Path(__file__).exists()
    assert len(set(handed_over("enqueue", "hint"))) >= 5
    assert len(set(handed_over("post"))) >= 3
