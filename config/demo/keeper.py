"""Keeps the demo's processes: starts them, watches them, ends them, whatever ends the demo."""

import signal
import time

from config.processes import DidNotStart

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTARTS = 5  # of one process within a minute; after that something is wrong that a restart does not mend


class Stopped(BaseException):
    """Somebody pressed Ctrl-C, closed the terminal, or sent a signal to end."""


def raise_when_asked_to_stop():
    """From now on a signal to end raises :class:`Stopped` in the main thread, once; later ones are passed over."""

    def stop(number, frame):
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in SIGNALS:
        if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:  # nohup means it
            signal.signal(each, stop)


def watch(processes, say):
    """Start again what ended by itself, for ever. Raises :class:`DidNotStart` when something ends again and again."""
    ended = {process: [] for process in processes}
    while True:
        time.sleep(0.5)
        for process in processes:
            if process.running:
                continue
            times = ended[process] = [then for then in ended[process] if then > time.monotonic() - 60]
            times.append(time.monotonic())
            if len(times) > RESTARTS:
                raise DidNotStart(f"{process.name} ends again and again. The end of its log:\n{process.last_words()}")
            say(f"{process.name} ended unexpectedly and is started again (its log: {process.log}).")
            process.kill()
            process.start()
