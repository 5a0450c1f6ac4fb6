"""django-post_office in a process of its own, for F1.

For each line read (``default 5000``, ``tuned 5000``) it queues so many mails, sends them and prints the seconds that
the sending took. Tuned means larger batches and no row of a log for each mail.
"""

import os
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402  Django first
from django.core.management import call_command  # noqa: E402
from post_office import mail  # noqa: E402
from post_office.models import STATUS, Email  # noqa: E402

WAYS = {"default": {}, "tuned": {"BATCH_SIZE": 1000, "LOG_LEVEL": 1}}
PIECE = 1000
SAID = {"subject": os.environ["SUBJECT"], "message": os.environ["TEXT"]}

call_command("migrate", verbosity=0)
for line in sys.stdin:
    way, number = line.split()
    settings.POST_OFFICE = WAYS[way]
    people = [f"person{each}@example.test" for each in range(int(number))]
    for start in range(0, len(people), PIECE):
        mail.send_many([{"recipients": person, **SAID} for person in people[start : start + PIECE]])
    began = time.perf_counter()
    mail.send_queued_mail_until_done(processes=1)
    took = time.perf_counter() - began
    assert not Email.objects.exclude(status=STATUS.sent).exists()
    print(took, flush=True)
