"""The writing platform with many articles, which takes its time, and writes down when it was asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from .faulty import Asked, Shown
from .writing_platform import CATEGORIES, Account, Text, WritingPlatform

PASSWORD = "hunter-two-words"
AUTHORS = ("Mia", "Tim", "Ole", "Ida", "Ben", "Lea", "Max", "Zoe")
MISFORTUNES = ("lost", "unheard", "error", "error after")
ANIMALS = ("Hund", "Esel", "Igel", "Fuchs", "Dachs", "Storch", "Frosch", "Wal", "Luchs", "Biber", "Spatz", "Hecht")


class BusyPlatform(WritingPlatform):
    """It answers each question after `seconds`. `moments` is when questions came, by the monotonic clock.

    With a `chance`, the answer to a question is lost, before or after it was obeyed. What is said twice stands there
    twice: it must not be the site that keeps our promise.
    """

    def __init__(self) -> None:
        self.seconds, self.busy = 0.0, 0.0
        self.moments: list[float] = []
        self._told: set[str] = set()
        super().__init__()
        self.texts, self.minds_repeats = {}, False
        self.accounts = {f"bot{number}": Account(PASSWORD, f"Chat Bot {number}") for number in (1, 2)}

    def publish(self, count: int, category: str = "14") -> None:
        """So many more articles of a category."""
        for number in range(len(self.texts) + 1, len(self.texts) + count + 1):
            animal = ANIMALS[number % len(ANIMALS)]
            words = f"<p>Am Morgen sah ich den {animal} zum {number}. Mal. Er lief über die Wiese und war weg.</p>"
            self.texts[number] = Text(number, f"Der {animal} {number}", AUTHORS[number % len(AUTHORS)], words)
            self.texts[number].category = category
        assert category in CATEGORIES

    def step(self, asked: Asked) -> str:
        """As the platform calls it, where a question has just come; the first look after a comment is `GET again`."""
        self.moments.append(time.monotonic())
        what, article = super().step(asked), asked.path.strip("/").split("/")[1:2]
        with self.lock:
            if what == "POST comment":
                self._told |= {*article}
            elif what == "GET article" and self._told & {*article}:
                self._told -= {*article}
                return "GET again"
        return what

    def misfortune(self, step: str) -> str:
        """What befalls this request: never that it comes later than its answer was waited for."""
        with self.lock:
            self.asked[step] += 1
            if self.script.get(step):
                return self.script[step].pop(0)
            return self.draw.choice(MISFORTUNES) if self.draw.random() < self.chance else ""

    def obey(self, asked: Asked) -> Shown:
        """Answer, and count how long that took."""
        began = time.monotonic()
        time.sleep(self.seconds)
        shown = super().obey(asked)
        with self.lock:
            self.busy += time.monotonic() - began
        return shown

    def doubled(self) -> list[str]:
        """What somebody said twice under one article."""
        said = Counter((each.article, each.by, each.text) for each in self.comments)
        return [f"{by} under {article}: {text[:80]}" for (article, by, text), times in said.items() if times > 1]

    def crowd(self, seconds: float) -> int:
        """The most questions that came within so many seconds."""
        return crowd(self.moments, seconds)


def crowd(moments: Iterable[float], seconds: float) -> int:
    """The most moments in any window of this length."""
    known, first, most = sorted(moments), 0, 0
    for at, moment in enumerate(known):
        while known[first] < moment - seconds:
            first += 1
        most = max(most, at - first + 1)
    return most
