"""A pool of processes with Django in each, that ends with its parent however that ends."""

import multiprocessing
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

import django
from django.db import connections

METHOD = "fork" if sys.platform == "linux" else "spawn"  # a fork has Django loaded; elsewhere it is not safe


def pool(processes):
    """An executor of so many processes, each with a connection to the database of its own.

    To be called outside of transactions: the caller's connection is closed first, so that no child has it too.
    """
    connections.close_all()
    executor = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context(METHOD), initializer=_begin)
    executor.submit(os.getpid).result()  # all of them start with the first work, while there is no connection
    return executor


def _begin():
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if METHOD == "spawn":
        django.setup()


def _end_with_parent():
    """Children of a parent that was killed would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)
