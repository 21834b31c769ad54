"""CSS selectors, the part of them that finds things in pages, as XPath. Pure.

`article.teaser > h2 a[href^="/news"], #top li:first-child`: tags, classes, ids, attributes, descendants, children,
`:first-child`, `:last-child`, `:nth-child(2)`, and several by comma.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

LONGEST = 200
_NAME = r"-?[A-Za-z_\u00a0-\uffff][\w\u00a0-\uffff-]*"
_PART = re.compile(
    rf"(?P<tag>{_NAME}|\*)|\.(?P<class>{_NAME})|#(?P<id>{_NAME})"
    rf"|\[\s*(?P<name>{_NAME})\s*(?:(?P<how>[~^$*]?=)\s*(?P<value>\"[^\"]*\"|'[^']*'|{_NAME})\s*)?\]"
    r"|:(?P<place>first-child|last-child|nth-child\(\s*(?P<number>[0-9]{1,4})\s*\))"
)
_BETWEEN = re.compile(r"\s*(?P<comma>,)\s*|\s*(?P<child>>)\s*|\s+")


class SelectorMalformed(ValueError):
    """This is no selector that is understood here."""


@lru_cache(256)
def compiled(selector: str) -> etree.XPath:
    """The selector, ready to be called with an element. Raises `SelectorMalformed`."""
    return etree.XPath(to_xpath(selector))


def find(element: etree._Element, selector: str) -> list[etree._Element]:
    """What the selector finds below an element, in the order of the page. Raises `SelectorMalformed`."""
    found = compiled(selector)(element)
    return [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []


def to_xpath(selector: str) -> str:
    """The same in XPath. Raises `SelectorMalformed`, saying where it stops being understood."""
    written, place, steps, axis, paths = selector.strip(), 0, "", "descendant::", list[str]()
    if not written or len(written) > LONGEST:
        raise SelectorMalformed(f"a selector has 1 to {LONGEST} characters")
    while True:
        step, place = _compound(written, place)
        steps += ("/" if steps else "") + axis + step
        if place == len(written):
            return " | ".join([*paths, steps])
        between = _BETWEEN.match(written, place)
        if not between:
            raise SelectorMalformed(f"‘{written}’ is not understood from ‘{written[place : place + 20]}’ on")
        place, axis = between.end(), "child::" if between["child"] else "descendant::"
        if between["comma"]:
            paths, steps = [*paths, steps], ""


def _compound(written: str, place: int) -> tuple[str, int]:
    tag, conditions, start = "*", "", place
    while match := _PART.match(written, place):
        if match["tag"] and place != start:
            break
        tag = match["tag"].lower() if match["tag"] else tag
        conditions += "" if match["tag"] else f"[{_condition(match)}]"
        place = match.end()
    if place == start:
        raise SelectorMalformed(f"‘{written}’ is not understood from ‘{written[place : place + 20] or 'its end'}’ on")
    return tag + conditions, place  # HTML has no namespaces


def _condition(match: re.Match[str]) -> str:
    if match["class"]:
        return _has_word("class", match["class"])
    if match["id"]:
        return f"@id={_quoted(match['id'])}"
    if match["place"]:
        if match["place"] == "last-child":
            return "not(following-sibling::*)"
        return f"count(preceding-sibling::*)={int(match['number'] or 1) - 1}"
    name, value = match["name"].lower(), (match["value"] or "").strip("\"'")
    if not match["how"]:
        return f"@{name}"
    return _compared(name, match["how"], value)


def _compared(name: str, how: str, value: str) -> str:
    quoted = _quoted(value)
    if how == "=":
        return f"@{name}={quoted}"
    if how == "~=":
        return _has_word(name, value)
    if how == "^=":
        return f"starts-with(@{name}, {quoted})"
    if how == "*=":
        return f"contains(@{name}, {quoted})"
    return f"substring(@{name}, string-length(@{name}) - {len(value) - 1})={quoted}"


def _has_word(name: str, word: str) -> str:
    return f"contains(concat(' ', normalize-space(@{name}), ' '), {_quoted(f' {word} ')})"


def _quoted(value: str) -> str:
    if '"' not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "") + "'"
