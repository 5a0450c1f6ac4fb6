"""Invented customers, sealed: block by block, beside each other where there are more than a few."""

import collections
import itertools
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import django

from customers.importing.columns import HEADERS, read_header
from customers.importing.rows import Row
from customers.services import registration

from .sample import BLOCK, block_of_people

ALONE = 5 * BLOCK  # so many are sealed sooner than processes start
HEADER = read_header(HEADERS)


def sealed_block(block, size, seed):
    """The customers of one block as the service of registration takes them. Needs no database."""
    people = (
        Row(0, [person.get(header, "") for header in HEADERS], HEADER, set())
        for person in block_of_people(block, size, seed)
    )
    return [registration.ready(row.number, row.values, row.belongings) for row in people]


def sealed_blocks(count, seed):
    """Yield the blocks of ``count`` customers in their order. Of a million, a few blocks are in memory at a time."""
    blocks = [(block, min(BLOCK, count - block * BLOCK), seed) for block in range(-(-count // BLOCK))]
    processes = os.cpu_count() or 1
    if count <= ALONE or processes == 1:
        yield from itertools.starmap(sealed_block, blocks)
        return
    fresh = multiprocessing.get_context("spawn")  # a process of its own has no connection of ours
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=django.setup) as pool:
        ahead = collections.deque()
        for block in blocks:
            ahead.append(pool.submit(sealed_block, *block))
            if len(ahead) > 2 * processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
