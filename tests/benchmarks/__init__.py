"""What is measured of speed: ``python -m tests.benchmarks F9 [--size small|full]`` (no name: all).

A benchmark is a module named by its id in lower case. Its ``run(size)`` returns a dictionary of ``figure``,
``reference``, ``ratio``, ``goal`` and ``met``, or a list of such with a ``row`` each.
"""
