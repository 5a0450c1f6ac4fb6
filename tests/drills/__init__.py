"""What is measured of security and reliability: ``python -m tests.drills R1 [--size small|full]`` (no name: all).

A drill is a module named by its id in lower case. Its ``run(size)`` prints what it does and returns
``{"counts": {...}, "met": bool}``. A small size takes at most two minutes; ``QUICK = True`` in the module says that it
takes less than one, so that `.ci/run` runs it (``--quick``).
"""
