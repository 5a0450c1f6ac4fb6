import sys

from tests import benchmarks
from tests.drills.measuring import main


def report(name, result):
    rows = result if isinstance(result, list) else [result]
    print(f"\n{'id':<16}{'figure':>16}{'reference':>16}{'ratio':>10}{'goal':>10}  met")
    for row in rows:
        title = f"{name} {row.pop('row')}" if "row" in row else name
        numbers = [_short(row[key]) for key in ("figure", "reference", "ratio", "goal")]
        print(f"{title:<16}{numbers[0]:>16}{numbers[1]:>16}{numbers[2]:>10}{numbers[3]:>10}  {row['met']}")
        row["id"] = title
    return [{"id": row.pop("id"), **row, "met": bool(row["met"])} for row in rows]


def _short(value):
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


sys.exit(main(benchmarks, report))
