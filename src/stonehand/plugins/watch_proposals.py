"""Which selectors would read a page: found in what repeats in it. Pure.

Every link of some length votes for the elements around it. Elements that look alike (tag and classes, under a like
parent) and hold a different link each are a list; the more links, the longer their words, the better the list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from heapq import nlargest
from itertools import islice

from lxml import etree

from stonehand.plugins.watch_selectors import find

FEWEST = 3  # items that make a list
HIGHEST = 6  # elements around a link that may be its item
MOST_LINKS, MOST_LOOKED_AT = 1000, 20_000
MOST_GROUPS = 60  # the largest
_FURNITURE = {"nav", "footer", "form", "aside"}
_STABLE = re.compile(r"[A-Za-z]{1,30}(?:[_-]{1,2}[A-Za-z]{1,30}){0,5}")  # digits count or change with each build
_DATES = ("time", "[datetime]", ".date", "[class*=date]", "[class*=time]")
_LINKS = ("h1 a", "h2 a", "h3 a", "h4 a", "a")


def propose(root: etree._Element) -> list[dict[str, str]]:
    """Options that read a page, the best first."""
    groups: dict[str, dict[etree._Element, list[etree._Element]]] = defaultdict(dict)
    for link in _links(root):
        for around in _around(link):
            groups[_selector(around)].setdefault(around, []).append(link)
    largest = nlargest(MOST_GROUPS, groups.items(), key=lambda group: len(group[1]))
    scored = [(_score(list(items.values()), list(items)), selector) for selector, items in largest]
    best = [selector for score, selector in sorted(scored, key=lambda each: (-each[0], len(each[1]))) if score > 0]
    return [_options(selector, list(groups[selector])) for selector in best[:5]]


def _links(root: etree._Element) -> list[etree._Element]:
    looked_at = islice(root.iter("a"), MOST_LOOKED_AT)
    long = (link for link in looked_at if link.get("href") and len(words(link)) >= 12 and not _is_furniture(link))
    return list(islice(long, MOST_LINKS))


def words(element: etree._Element) -> str:
    """What an element says, on one line."""
    return " ".join("".join(str(each) for each in element.itertext()).split())


def _is_furniture(link: etree._Element) -> bool:
    return any(each.tag in _FURNITURE for each in link.iterancestors())


def _around(link: etree._Element) -> list[etree._Element]:
    ancestors = [each for each in link.iterancestors() if each.tag not in ("body", "html", "main")]
    return [link, *ancestors[: HIGHEST - 1]]


def _own(element: etree._Element) -> str:
    stable = [name for name in (element.get("class") or "").split() if _STABLE.fullmatch(name)]
    return str(element.tag).lower() + "".join(f".{name}" for name in stable[:2])


def _selector(element: etree._Element) -> str:
    """How elements like this one are found: by themselves if they have a class, else by their parent too."""
    own, parent = _own(element), element.getparent()
    if "." in own or parent is None or parent.tag in ("body", "html"):
        return own
    name = parent.get("id") or ""
    return f"{parent.tag}#{name} > {own}" if _STABLE.fullmatch(name) else f"{_own(parent)} > {own}"


def _score(links: Sequence[Sequence[etree._Element]], items: Sequence[etree._Element]) -> float:
    if len(items) < FEWEST:
        return 0.0
    first = [max(each, key=lambda link: len(words(link))) for each in links]
    distinct = {link.get("href") for link in first}
    if len(distinct) < 0.8 * len(items):
        return 0.0
    length = sum(min(len(words(link)), 80) for link in first) / len(first)
    crowded = sum(len(each) > 4 for each in links) / len(links)
    dated = any(_share(items, selector) >= 0.5 for selector in _DATES)
    return len(distinct) * length * (1.0 - 0.8 * crowded) * (1.3 if dated else 1.0)


def _share(items: Sequence[etree._Element], selector: str) -> float:
    some = items[:20]
    return sum(bool(find(each, selector)) for each in some) / len(some)


def _options(selector: str, items: Sequence[etree._Element]) -> dict[str, str]:
    options = {"item": selector}
    if Counter(each.tag for each in items).most_common(1)[0][0] != "a":
        options["link"] = next((each for each in _LINKS if _share(items, each) >= 0.8), "a")
    for name, selectors in (("date", _DATES), ("summary", ("p",))):
        fit = next((each for each in selectors if _share(items, each) >= 0.5), None)
        if fit:
            options[name] = fit
    return options
