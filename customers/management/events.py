"""Invented events of customers: a stream of lines, the same for the same seed and the same customers."""

import datetime as dt
import json
import random

PAGES = ["/", "/items", "/items/12", "/items/57", "/cart", "/mypage", "/news/2026-03", "/contact"]
WORDS = ["画面", "プリンター", "机", "椅子", "見積書", "蛍光灯", "用紙", "ケーブル"]
FIELDS = ["検索", "届け先", "ご要望", "クーポン"]
KINDS = ["visit", "input", "purchase", "location", "launch", "input", "purchase", "location"]
DAYS = 365


def events(numbers, count, seed, *, until):
    """``count`` events of these customers in the year before ``until``; a few of them have most of the events."""
    chance = random.Random(seed)
    numbers = list(numbers)
    chance.shuffle(numbers)
    seconds = DAYS * 24 * 60 * 60
    for _each in range(count):
        number = numbers[int(len(numbers) * chance.random() ** 3)]
        at = until - dt.timedelta(seconds=chance.randrange(seconds))
        place = chance.randrange(len(KINDS))
        source, kind = "site" if place < 4 else "app", KINDS[place]
        yield {
            "customer": number, "source": source, "kind": kind, "at": at.isoformat(timespec="seconds"),
            **_details(kind, chance),
        }  # fmt: skip


def _details(kind, chance):
    if kind == "visit":
        return {"page": chance.choice(PAGES), "seconds": chance.randint(1, 900)}
    if kind == "input":
        return {"field": chance.choice(FIELDS), "text": chance.choice(WORDS)}
    if kind == "purchase":
        return {"order": f"A{chance.randrange(10**7):07d}", "yen": chance.randrange(5, 500) * 100}
    if kind == "location":
        return {"lat": round(chance.uniform(34, 36), 5), "lon": round(chance.uniform(135, 140), 5)}
    return {"version": f"{chance.randint(1, 4)}.{chance.randint(0, 9)}"}


def line(event):
    return json.dumps(event, ensure_ascii=False) + "\n"
