"""A pool of processes with Django in each, that ends with its parent however that ends."""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor

import django


def pool(processes):
    """An executor of so many processes. Each opens a connection to the database of its own."""
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=begin)


def begin():
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent():
    """A parent that is killed leaves its children waiting for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)
