import json
import os
import secrets
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import django
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.crew import Crew, wait_for
from config.demo.keeper import Stopped, raise_when_asked_to_stop, watch
from config.embedded import AlreadyRunning, free_port, locked, servers
from config.processes import DidNotStart
from config.sink import Sink

BASE = Path(__file__).resolve().parents[3]
HOME = BASE / ".office" / "demo"
SECRETS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEY": lambda: Fernet.generate_key().decode(),
    "SEARCH_INDEX_KEY": lambda: secrets.token_hex(32),
    "AUDIT_KEY": lambda: secrets.token_hex(32),
}
NOT_FROM_OUTSIDE = [
    *SECRETS, "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "DEFAULT_FROM_EMAIL", "DEBUG",
]  # fmt: skip


class Command(BaseCommand):
    help = "Starts the whole office on this machine, with invented customers, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--fresh", action="store_true", help="throw away what the last demo made, and start anew")
        parser.add_argument("--sample", type=Path, metavar="FILE", help="import this file instead of making customers")
        parser.add_argument("--customers", type=int, default=2000, metavar="N", help="how many to make (2000)")
        parser.add_argument("--folder", type=Path, default=HOME, help="where it keeps everything (.office/demo)")
        parser.add_argument("--port", type=int, default=8000, metavar="N", help="or the next free one (8000)")

    def handle(self, *, fresh, sample, customers, port, folder, **options):
        if sample and not sample.is_file():
            raise CommandError(f"{sample} is not a file.")
        if not 1 <= port <= 65535 or not 0 <= customers <= 1_000_000:
            raise CommandError("The port must be from 1 to 65535, and the customers from 0 to 1000000.")
        if fresh and os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
            raise CommandError("DATABASE_URL names a database of yours, which the demo does not clear.")
        raise_when_asked_to_stop()
        os.umask(0o077)
        self.home = home = folder.resolve()
        home.parent.mkdir(parents=True, exist_ok=True)
        failed = False
        try:
            with locked(home.parent, f"{home.name}.lock"), ExitStack() as stack:
                self._run(stack, fresh, sample.resolve() if sample else None, customers, port)
        except AlreadyRunning:
            raise CommandError(
                f"A demo of this folder is running already{self._where()}. Stop it there with Ctrl-C."
            ) from None
        except DidNotStart as error:
            failed = True
            self._say(f"\n{error}")
        except Stopped:
            pass
        self._say("Stopped. Everything is kept for the next start.")
        if failed:
            sys.exit(1)

    def _run(self, stack, fresh, sample, customers, port):
        begun = time.monotonic()
        self._make_room(fresh)
        for folder in ("secrets", "files", "seals", "mails"):
            (self.home / folder).mkdir(exist_ok=True)

        with self._step("PostgreSQL and Valkey"):
            running = self._servers(stack)
        sink = stack.enter_context(Sink(self.home / "mails"))
        environment = self._environment(*running[:2], sink.port, free_port(port))
        os.environ.update(environment)
        with self._step("Database"):
            django.setup()
            call_command("migrate", verbosity=0)
        crew = Crew(self.home / "logs", environment)
        stack.callback(crew.stop)
        crew.worker()
        crew.beat()
        web = crew.web(int(environment["SITE_URL"].rsplit(":", 1)[1]), wait=False)
        if not (self.home / "ready").exists():
            self._fill(sample, customers)
            (self.home / "ready").touch()
        with self._step("Web server, worker and clock"):
            wait_for(web)
        (self.home / "address").write_text(environment["SITE_URL"])
        stack.callback((self.home / "address").unlink, missing_ok=True)
        self._welcome(environment["SITE_URL"], time.monotonic() - begun)
        watch([*running[2], *crew.processes], self._say)

    def _make_room(self, fresh):
        """An empty folder, or that of a demo which was ready. Only what a demo made is ever removed."""
        ours, ready = self.home / "made-by-demo", self.home / "ready"
        begun = self.home.exists() and any(self.home.iterdir())
        if begun and not ours.exists() and self.home != HOME:
            raise CommandError(f"{self.home} holds something else. Name another folder.")
        if begun and (fresh or not ready.exists()):
            self._say("Starting anew." if fresh else "The last demo was stopped before it was ready; starting anew.")
            shutil.rmtree(self.home)
        self.home.mkdir(exist_ok=True)
        ours.touch()

    def _servers(self, stack):
        """The two addresses, and what is to be watched of them."""
        if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
            return os.environ["DATABASE_URL"], os.environ["REDIS_URL"], []
        running = stack.enter_context(servers(self.home))
        return *running, [running.postgres, running.valkey]

    def _environment(self, database_url, redis_url, mail_port, port):
        for name in NOT_FROM_OUTSIDE:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
        files = {}
        for name, make in SECRETS.items():
            file = self.home / "secrets" / name
            if not file.exists():
                file.write_text(make())
            files[f"{name}_FILE"] = str(file)
        return {
            **files,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "FILES_FOLDER": str(self.home / "files"),
            "SEALS_FOLDER": str(self.home / "seals"),
            "MAILS_FOLDER": str(self.home / "mails"),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(mail_port),
        }

    def _fill(self, sample, customers):
        from config.demo import given, staff  # there are no models before the servers stand
        from config.demo import sample as scene

        with self._step("Staff accounts"):
            staff.make_accounts(self.home / "accounts.json")
        with self._step(f"Customers from {sample}" if sample else f"{customers} invented customers"):
            if sample:
                self._import(sample)
            else:
                call_command("make_sample_customers", "--count", str(customers), verbosity=0)
        with self._step("What some of them did"):
            scene.make_activity()
        with self._step("A policy and a notice"):
            scene.name_an_account()
            scene.make_policies()
            scene.make_register()
            scene.make_keepsakes()
        with self._step("Third parties, consents and a provision"):
            given.make_provisions()
        with self._step("Requests in every state"):
            for _what in scene.make_requests():
                self.stdout.write(".", ending="")
                self.stdout.flush()

    def _import(self, sample):
        try:
            call_command("import_customers", str(sample))
        except (CommandError, SystemExit) as error:  # rows with a fault are left, the good ones are in
            self._say(f"The import says: {error}")

    def _welcome(self, url, seconds):
        accounts = json.loads((self.home / "accounts.json").read_text())
        width = max(map(len, accounts))
        lines = [f"    {role:<{width}}  {password}" for role, password in accounts.items()]
        self._say(
            f"""
The office is open ({seconds:.0f} s):  {url}

Staff sign in at {url}/admin/ with one of these accounts:
{chr(10).join(lines)}

What to try first
  1. As a customer, make a request at {url}/ ; the code and the links are in the mails at {url}/demo/mails/
  2. As `verifier` compare the document, as `intake` record the payment, as `handler` match and propose,
     as `approver` approve. The answer is then collected from the status page.
  3. As `notice_approver` start the notice that waits; watch its page, and its mails. As `notice_author` make the
     letters for who has no mail; as `handler` download them; read the statement.
  4. As `auditor` read the trail of all this.

Logs: {self.home / "logs"}   Stop: Ctrl-C   Start anew: manage.py demo --fresh"""
        )

    @contextmanager
    def _step(self, name):
        begun = time.monotonic()
        self.stdout.write(f"{name} ... ", ending="")
        self.stdout.flush()
        yield
        self.stdout.write(f"{time.monotonic() - begun:.1f} s")

    def _say(self, text):
        with suppress(OSError, ValueError):  # the terminal may be gone
            self.stdout.write(text)
            self.stdout.flush()

    def _where(self):
        with suppress(OSError):
            return f" at {(self.home / 'address').read_text()}"
        return ""
