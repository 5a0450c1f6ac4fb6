"""Handing a campaign's mails to the mail server: who sends what, and what is written down of it.

A process that sends holds one *slot* of the campaign: an advisory lock of its database session. Rows that it leases
carry the slot's number. When the process dies, PostgreSQL frees the lock at once and the rows are anybody's; while it
lives, however slowly, they are its own. Nothing runs out, so no clock decides who sends.

Several threads hold a connection to the mail server each, but only one mail per process is *in doubt* (handed over,
its mark not yet on its way to the database) at a time: a killed process can cost one duplicate, with the same
Message-ID, and never two. The database writes a mark down while the next mail is handed over.
"""

import queue
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Actor
from audit.services import jobs
from audit.services.trail import record_batch
from consent import mail
from consent.exceptions import LeaseLost, ServerAway
from consent.models import MARKING, Campaign, CampaignStatus, Delivery, DeliveryState, Failure
from customers.exceptions import DecryptionError
from customers.models import Customer

from . import bounces, campaigns, slots

BATCH = 200  # rows leased at once
LANES = 4  # connections to the mail server per process
SHIFT_SECONDS = 15  # after so long a sender gives its worker back to other work
FRESH_SECONDS = 2  # an address that was opened longer ago is asked for once more
LOOK_SECONDS = 0.5  # how often a sender looks whether it may go on
WAITS = [10, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800, 28800]  # after the first, second, ... refusal
GIVE_UP = len(WAITS) + 1  # attempts; about a day and a half
NOWHERE = 553  # our own answer for an address to which no mail can go
RECONNECT_SECONDS = [1, 2, 4, 8]
LATE_SECONDS = 0.1  # a mail that missed its turn by so much waits for another
LAST_MARK_SECONDS = 20  # how long a sender that lost its database tries to write down its last mail

INTERRUPTIONS = (*slots.DATABASE_AWAY, LeaseLost)


@dataclass(frozen=True)
class Parcel:
    """One leased delivery, opened: the only place where the address stands outside the vault, and not for long."""

    id: int
    attempts: int
    recipient: str | None
    language: str
    customer: int = 0
    opened: float = 0.0  # when the address was looked up, by the monotonic clock
    turn: float = 0.0  # when it may leave at the earliest, by the same clock


def send(campaign, *, may_go_on=lambda: True):
    """Send one shift of ``campaign``. Returns whether there is more to send now.

    Does nothing where the campaign is not sending or has as many senders as it may have. ``may_go_on`` is asked twice
    a second; when it says no, the mail in hand is finished and everything else given back. Raises one of
    ``INTERRUPTIONS`` where the shift broke off; nothing is lost then, and the next sender goes on.
    """
    if not Campaign.objects.sending().filter(pk=campaign.pk).exists():
        return False
    with slots.hold(campaign) as slot:
        if slot is None:
            return False
        shift = Shift(campaign, slot, may_go_on)
        shift.work()
    if shift.is_clear and campaigns.finish(campaign, by=shift.by):
        return False
    return not shift.is_clear and not shift.server_is_away


def call_senders(campaign_id):
    """Tell workers that there is something to send. A lost hint is no loss: the clock calls again."""
    for _number in range(settings.NOTICE_SENDERS):
        jobs.hint("consent.send_notices", campaign_id=campaign_id)


def has_work(campaign):
    """Whether a sender would find something to do: due rows, rows of a sender that died, or nothing left at all."""
    waiting = Delivery.objects.filter(campaign=campaign, state=DeliveryState.WAITING)
    free = waiting.filter(slot__isnull=True)
    return (
        free.filter(not_before__lte=timezone.now()).exists()
        or waiting.filter(slot__isnull=False).exists()
        or not free.exists()
    )


class Shift:
    """One process at one campaign, for some seconds."""

    def __init__(self, campaign, slot, may_go_on):
        self.campaign = campaign
        self.slot = slot
        self.may_go_on = may_go_on
        self.by = Actor.system()
        self.per_second = settings.NOTICES_PER_SECOND
        self.batch = min(BATCH, max(self.per_second, 2)) if self.per_second else BATCH  # a second's worth at most
        self.notices = {language: mail.notice(campaign, language) for language, _name in settings.LANGUAGES}
        self.parcels = queue.SimpleQueue()
        self.doubt = threading.Lock()  # held from the last line of a mail until its mark, and around other statements
        self.ending = threading.Event()
        self.hungry = threading.Event()
        self.open = 0  # leased and not marked
        self.marks = []  # (parcel, mark): one that is on its way to the database, and one that waits for it
        self.is_lost = False  # the database went away under a mark, or a row is not ours: nothing may be handed over
        self.dead = []  # parcels whose address is none
        self.trouble = None
        self.server_is_away = False
        self.is_clear = False  # nothing was left that could be sent now
        connection.ensure_connection()
        self.database = connection.connection
        self.pen = slots.Pen(self.database)

    def work(self):
        lanes = [threading.Thread(target=self._lane, daemon=True) for _number in range(LANES)]
        self._take_over()
        try:
            for lane in lanes:
                lane.start()
            self._feed()
        except slots.DATABASE_AWAY as error:
            self.trouble = error
        finally:
            self.ending.set()
            for lane in lanes:
                lane.join()
        try:
            self._settle()
        except INTERRUPTIONS as error:
            self.trouble = self.trouble or error
        if self.marks:
            self._mark_late()
        if self.trouble:
            raise self.trouble
        self._note_the_dead()
        self._statement(slots.RELEASE, [self.campaign.pk, self.slot])

    def _note_the_dead(self):
        """Say of customers that their address is none. A process killed before that leaves it to the next notice."""
        while self.dead:
            parcel = self.dead.pop()
            with self._at_the_database():
                bounces.note_address(parcel.customer, parcel.recipient, by=self.by)

    def _feed(self):
        """Keep the lanes in work until nothing is left, time is up, or the campaign is paused."""
        end = time.monotonic() + SHIFT_SECONDS
        while not self.ending.is_set() and time.monotonic() < end and self._still_sending():
            if self.parcels.qsize() < self.batch // 2 and not self._lease() and not self.open:
                self._take_over()
                if not self._lease():
                    self.is_clear = True
                    return
            self._note_the_dead()
            self.hungry.wait(LOOK_SECONDS)
            self.hungry.clear()

    def _still_sending(self):
        with self._at_the_database():
            status = Campaign.objects.values_list("status", flat=True).get(pk=self.campaign.pk)
        return status == CampaignStatus.SENDING and self.may_go_on()

    def _lease(self):
        """Take the next rows and open their addresses. Returns how many were taken."""
        with self._at_the_database(), transaction.atomic():
            rows = self._statement(slots.LEASE, [self.slot, self.campaign.pk, self.batch]).fetchall()
            if rows:
                record_batch(
                    "campaign.batch_taken", subject=self.campaign, by=self.by,
                    references=[f"consent.delivery:D{row[0]}" for row in rows],
                )  # fmt: skip
            self.open += len(rows)
        opened = time.monotonic()
        first, step = self._turns(len(rows))
        with self._at_the_database():
            people = _open(self.campaign, [customer for _id, customer, _attempts in rows])
        for place, (delivery, customer, attempts) in enumerate(sorted(rows)):
            address, language = people.get(customer, (None, ""))
            recipient, turn = mail.wire_address(address or ""), first + place * step
            parcel = Parcel(delivery, attempts, recipient, language, customer, opened, turn)
            if parcel.recipient:
                self.parcels.put(parcel)
                continue
            with self.doubt:
                if address is None:
                    self._mark(parcel, DeliveryState.SKIPPED, None, failure=Failure.LEFT)
                else:
                    self._mark(parcel, DeliveryState.BOUNCED, NOWHERE, failure=Failure.NOWHERE)
        return len(rows)

    def _turns(self, number):
        """When the first of so many mails may leave, and how many seconds lie between two.

        Asked of the one row that all senders of all machines share, so that together they keep the limit.
        """
        if not self.per_second or not number:
            return 0.0, 0.0
        with self._at_the_database():
            (wait,) = self._statement(slots.PACE, {"span": number / self.per_second}).fetchone()
        return time.monotonic() + max(wait, 0), 1 / self.per_second

    def _await_turn(self, parcel):
        """Wait until the parcel may leave; one that missed its turn gets another. Returns ``False`` at the end."""
        while self.per_second and not self.ending.is_set():
            left = parcel.turn - time.monotonic()
            if left < -LATE_SECONDS:
                parcel = replace(parcel, turn=self._turns(1)[0])
            elif left <= 0 or self.ending.wait(left):
                break
        return not self.ending.is_set()

    def _lane(self):
        """Carry parcels over one connection to the mail server, until the shift ends."""
        server, waits = None, iter(())
        try:
            while not self.ending.is_set():
                if self.parcels.qsize() < self.batch // 2:
                    self.hungry.set()
                try:
                    parcel = self.parcels.get(timeout=0.1)
                except queue.Empty:
                    continue
                if not self._await_turn(parcel):
                    break
                try:
                    server = server or mail.Connection()
                    server = self._carry(server, parcel)
                    self.server_is_away, waits = False, iter(RECONNECT_SECONDS)
                except ServerAway:
                    self.parcels.put(parcel)
                    self.server_is_away, server = True, None
                    self.ending.wait(next(waits, RECONNECT_SECONDS[-1]))
        except Exception as error:  # told by the thread that may raise it
            self.trouble = self.trouble or error
            self.ending.set()
            self.hungry.set()
            if server:
                server.close()  # in the midst of a mail it would not hear a farewell
                server = None
        finally:
            if server:
                server.quit()

    def _carry(self, server, parcel):
        """Hand over one mail and mark it. Returns the connection, or ``None`` where it is of no more use."""
        if parcel.opened + FRESH_SECONDS < time.monotonic() and not (parcel := self._opened_anew(parcel)):
            return server
        data = self.notices[parcel.language].to(parcel.recipient, parcel.id, self.campaign.number)
        try:
            server.offer(parcel.recipient, mail.return_address(parcel.id))
            with self.doubt:
                if self.is_lost:
                    raise LeaseLost(f"D{parcel.id}")
                code = server.hand_over(data)
                self._mark(parcel, DeliveryState.SENT, code)
        except mail.Answer as answer:
            with self.doubt:
                self._mark_refusal(parcel, answer)
            return None if answer.lost else server
        return server

    def _opened_anew(self, parcel):
        """The parcel with the address of now: it waited long at a slow server. ``None`` for who was erased, has stopped
        it or has no address any more; they are marked.

        Called by a lane, which has no database session of its own.
        """
        rows = campaigns.recipients_of(self.campaign).filter(pk=parcel.customer).values("email", "language")
        with self._at_the_database():
            found = self._statement(*rows.query.sql_with_params()).fetchone()
            if found is None:
                self._mark(parcel, DeliveryState.SKIPPED, None, failure=Failure.LEFT)
                return None
            try:
                address = Customer._meta.get_field("email").from_db_value(found[0], None, connection)
            except DecryptionError:
                address = ""
            recipient = mail.wire_address(address or "")
            if recipient is None:
                self._mark(parcel, DeliveryState.BOUNCED, NOWHERE, failure=Failure.NOWHERE)
                return None
        return replace(parcel, recipient=recipient, language=found[1], opened=time.monotonic())

    def _mark_refusal(self, parcel, answer):
        code = answer.code
        if code and code >= 500:
            self._mark(parcel, DeliveryState.BOUNCED, code, failure=bounces.kind_of(answer))
        elif parcel.attempts + 1 >= GIVE_UP:
            self._mark(parcel, DeliveryState.BOUNCED, code, failure=Failure.GAVE_UP)
        else:
            self._mark(parcel, DeliveryState.WAITING, code, wait=WAITS[parcel.attempts])

    def _mark(self, parcel, state, code, wait=0, failure=None):
        """Write down what became of a parcel, by itself and at once. Called with ``doubt`` held.

        When this returns the mark is on its way, and the mail in doubt no more; its answer is read before the next.
        """
        if self.is_lost:
            raise LeaseLost(f"D{parcel.id}")
        values = {
            "id": parcel.id, "slot": self.slot, "state": str(state), "code": code, "wait": wait, "failure": failure,
            "sent": int(state == DeliveryState.SENT), "bounced": int(state == DeliveryState.BOUNCED),
            "skipped": int(state == DeliveryState.SKIPPED), "deferred": int(state == DeliveryState.WAITING),
        }  # fmt: skip
        self.marks.append((parcel, values))
        self._settle(but=1)
        with self._or_lost():
            self.pen.send(values)

    def _settle(self, *, but=0):
        """Read the answers to marks that are on their way, all but the last ``but``. Called with ``doubt`` held."""
        while len(self.marks) > but and not self.is_lost:
            parcel, values = self.marks[0]
            with self._or_lost():
                marked = self.pen.answer()
                del self.marks[0]
                self.open -= 1
                if not marked:
                    raise LeaseLost(f"D{parcel.id}")
            if values["failure"] in MARKING:
                self.dead.append(parcel)

    @contextmanager
    def _or_lost(self):
        try:
            yield
        except BaseException:
            self.is_lost = True
            raise

    @contextmanager
    def _at_the_database(self):
        """Hold the session for other statements: no mail is in doubt meanwhile, and no mark on its way."""
        with self.doubt:
            self._settle()
            yield

    def _mark_late(self):
        """The database went away under a mark: write it as soon as it is back, so that the mail is not sent again."""
        end = time.monotonic() + LAST_MARK_SECONDS
        while self.marks and time.monotonic() < end:
            try:
                connection.close()
                connection.ensure_connection()
                self.database = connection.connection
                while self.marks:
                    self._statement(slots.LATE_MARK, self.marks[0][1])
                    del self.marks[0]
            except slots.DATABASE_AWAY:
                time.sleep(0.5)

    def _take_over(self):
        """Free the rows of senders that died. Called while this one holds none."""
        for (slot,) in self._statement(slots.HELD, [self.campaign.pk]).fetchall():
            if slot == self.slot:
                self._statement(slots.RELEASE, [self.campaign.pk, slot])
            elif slots.lock(self.campaign, slot):
                self._statement(slots.RELEASE, [self.campaign.pk, slot])
                slots.unlock(self.campaign, slot)

    def _statement(self, sql, values):
        """Run one statement on the session that holds the slot; outside a transaction it commits by itself."""
        return psycopg.Cursor(self.database).execute(sql, values, prepare=True)


def _open(campaign, customers):
    """``{customer: (address, language)}``; whoever is not to be written to any more is not in it."""
    people = campaigns.recipients_of(campaign).only("id", "email", "language")
    try:
        return {person.pk: (person.email, person.language) for person in people.filter(pk__in=customers)}
    except DecryptionError:
        opened = {}
        for customer in customers:
            try:
                opened |= {person.pk: (person.email, person.language) for person in people.filter(pk=customer)}
            except DecryptionError:
                opened[customer] = ("", "")  # comes out as an address to which no mail can go
        return opened
