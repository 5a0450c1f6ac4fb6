"""Runs drills and benchmarks: each in a process and a world of its own; the last line is one object of JSON."""

import argparse
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from .world import world

QUICK = re.compile(r"^QUICK = True$", re.MULTILINE)


def main(package, report):
    """Run what the command line names. ``report(id, result)`` prints a result and returns the objects to end with."""
    found = {module.name.upper(): module.name for module in pkgutil.iter_modules(package.__path__)}
    names = {name: module for name, module in found.items() if re.fullmatch(r"[A-Z]\d+", name)}
    parser = argparse.ArgumentParser(prog=f"python -m {package.__name__}", description=package.__doc__)
    parser.add_argument("names", nargs="*", type=str.upper, metavar="ID", help=f"of {', '.join(names)}; none means all")
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--quick", action="store_true", help="only those whose small size takes less than a minute")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at a time; figures are then no speed")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(names):
        parser.error(f"no such name: {', '.join(sorted(unknown))}")
    wanted = chosen.names or sorted(names)
    if chosen.quick:
        wanted = [name for name in wanted if QUICK.search(_source(package, names[name]))]
    if len(wanted) == 1:
        return _run(package, wanted[0], names[wanted[0]], chosen.size, report)
    command = [sys.executable, "-m", package.__name__, "--size", chosen.size]
    if chosen.jobs > 1:
        missed = _side_by_side(command, wanted, chosen.jobs)
    else:
        missed = [name for name in wanted if subprocess.run([*command, name], check=False).returncode]
    print(f"{len(wanted) - len(missed)} of {len(wanted)} met" + (f"; not met: {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


def _run(package, name, module, size, report):
    print(f"--- {name}, {size}", flush=True)
    os.environ["PYTHONUNBUFFERED"] = "1"
    with world(size):
        result = importlib.import_module(f"{package.__name__}.{module}").run(size)
    lines = report(name, result)
    for line in lines:
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if all(line["met"] for line in lines) else 1


def _side_by_side(command, names, jobs):
    """Run some at a time, each printing when it ends; gives those that were not met."""

    def run(name):
        done = subprocess.run(
            [*command, name], check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        print(done.stdout, end="", flush=True)
        return done.returncode

    with ThreadPoolExecutor(jobs) as pool:
        return [name for name, code in zip(names, pool.map(run, names), strict=True) if code]


def _source(package, module):
    with open(os.path.join(package.__path__[0], f"{module}.py"), encoding="utf-8") as file:
        return file.read()
