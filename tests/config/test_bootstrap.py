"""What the first start does on a machine that has little. The whole way is walked by hand in a fresh clone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config import bootstrap

HERE = settings.BASE_DIR


@pytest.fixture
def clone(tmp_path):
    """A clone with nothing but what a bare Python needs, in a folder with a space."""
    folder = tmp_path / "a clone"
    for name in ("manage.py", "pyproject.toml", "config/__init__.py", "config/bootstrap.py", "config/constraints.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / name, folder / name)
    return folder


def bare(folder, *arguments, **environment):
    """Run manage.py by a Python that sees no installed package."""
    return subprocess.run(
        [sys.executable, "-S", "-E", "manage.py", *arguments], cwd=folder, env={"PATH": os.defpath, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_prepared_environment_is_left_alone(monkeypatch):
    def refuse(*command, **options):
        raise AssertionError(f"it ran {command}")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(os, "execv", refuse)

    bootstrap.prepare(["manage.py", "demo"])


def test_a_python_that_is_too_old_is_told_so(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))

    with pytest.raises(SystemExit, match=r"3\.11 or newer"):
        bootstrap.prepare(["manage.py", "demo"])


def test_what_was_prepared_is_started_with_its_arguments(clone):
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "started: $@"\n')
    python.chmod(0o755)
    print_fingerprint = "from config import bootstrap; print(bootstrap._fingerprint())"
    marker = subprocess.run(
        [sys.executable, "-S", "-E", "-c", print_fingerprint], cwd=clone, capture_output=True, text=True, check=True
    )
    (clone / ".venv" / "prepared").write_text(marker.stdout.strip())

    result = bare(clone, "test", "-k", "a name", "-x")

    assert result.stdout.endswith("manage.py test -k a name -x\n")
    assert "Installing" not in result.stdout


def test_an_environment_that_lacks_something_does_not_start_again_and_again(clone):
    result = bare(clone, "demo", OFFICE_PREPARED_BY=str(clone / ".venv"))

    assert result.returncode == 1
    assert "lacks django" in result.stderr


def test_every_other_command_is_djangos(clone):
    result = bare(clone, "migrate")

    assert "No module named 'django'" in result.stderr
    assert not (clone / ".venv").exists()


def test_who_may_not_install_is_shown_the_line(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name, **options: None)

    bootstrap._install(["libpangoft2-1.0-0", "fonts-noto-cjk"])

    assert "sudo apt-get install -y libpangoft2-1.0-0 fonts-noto-cjk" in capsys.readouterr().out


def test_it_uses_the_standard_library_alone():
    lines = Path(bootstrap.__file__).read_text().splitlines()
    imported = {line.split()[1].split(".")[0] for line in lines if line.strip().startswith(("import ", "from "))}

    assert imported <= set(sys.stdlib_module_names)
