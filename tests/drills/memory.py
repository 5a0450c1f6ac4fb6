"""How much memory running processes take, looked at while they work."""

import threading
from contextlib import suppress

import psutil

MB = 1e6


class Memory(threading.Thread):
    """Looks every ``seconds`` at processes with all their children. ``groups`` are ``{name: process id}``.

    Of each group it keeps the highest sum of shares (PSS: what several processes share counts once), the highest sum
    of what each sees (RSS: shared memory counts in each), and the largest single process (RSS).
    """

    def __init__(self, groups, seconds=2.0):
        super().__init__(daemon=True)
        self.groups = groups
        self.seconds = seconds
        self.peaks = {name: [0, 0, 0] for name in groups}
        self.ending = threading.Event()

    def run(self):
        while True:
            for name, pid in self.groups.items():
                found = _of_tree(pid)
                peak = self.peaks[name]
                now = sum(pss for pss, _rss in found), sum(rss for _pss, rss in found), max(rss for _pss, rss in found)
                self.peaks[name] = [max(pair) for pair in zip(peak, now, strict=True)]
            if self.ending.wait(self.seconds):
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.ending.set()
        self.join()

    def counts(self):
        return {
            f"memory of {name}: PSS, RSS, largest process (MB)": " / ".join(f"{each / MB:.0f}" for each in peak)
            for name, peak in self.peaks.items()
        }


def _of_tree(pid):
    """``[(PSS, RSS)]`` of a process and all below it; where the system does not tell shares, RSS stands for PSS."""
    found = [(0, 0)]
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                try:
                    memory = process.memory_full_info()
                except psutil.AccessDenied:
                    memory = process.memory_info()
                found.append((getattr(memory, "pss", memory.rss), memory.rss))
    return found
