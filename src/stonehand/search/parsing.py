"""From what somebody typed to a tree. Blanks mean "and", which binds tighter than OR; `-` or NOT excludes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stonehand.search import fields, folding
from stonehand.search.errors import SearchMalformed
from stonehand.search.tree import EVERYTHING, All, Any, Node, Not, Words

LONGEST = 1000  # characters
DEEPEST = 20  # brackets in brackets
MOST = 60  # words and fields
SHORTEST_START = 3  # letters before a *, or it would stand for too many words
TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>-?\()
    | (?P<close>\))
    | (?P<minus>-(?=\S))?(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<bare>[^\s()"]*))
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class _Token:
    kind: str  # open, close, or, and, not, leaf
    at: int
    node: Node | None = None
    is_negative: bool = False


def parse(text: str) -> Node:
    """The tree of a search; that of an empty one fits every article. Raises `SearchMalformed` with the position."""
    if len(text) > LONGEST:
        raise SearchMalformed(LONGEST + 1, f"it is longer than {LONGEST} characters; shorten it")
    tokens = _tokens(text)
    if sum(token.kind == "leaf" for token in tokens) > MOST:
        raise SearchMalformed(1, f"it has more than {MOST} words and fields; leave some out")
    return _Reader(tokens, len(text)).whole()


def _tokens(text: str) -> list[_Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = TOKEN.match(text, at)
        assert found is not None  # every character begins some token
        start = at + len(found[0]) - len(found[0].lstrip())
        tokens.append(_token(found, start))
        at = found.end()
    return tokens


def _token(found: re.Match[str], at: int) -> _Token:
    if found["open"]:
        return _Token("open", at, is_negative=found["open"].startswith("-"))
    if found["close"]:
        return _Token("close", at)
    bare = found["bare"]
    if not found["field"] and not found["minus"] and bare in ("OR", "AND", "NOT", "|"):
        return _Token({"|": "or"}.get(bare, bare.lower()), at)
    return _Token("leaf", at, _leaf(found, at), bool(found["minus"]))


def _leaf(found: re.Match[str], at: int) -> Node:
    name, quoted, bare = found["field"], found["quoted"], found["bare"]
    if quoted is not None and not found["end"]:
        raise SearchMalformed(found.start("quoted"), 'the quotation mark is never closed; add " where the phrase ends')
    value = quoted if quoted is not None else bare
    value_at = found.start("quoted") if quoted is not None else found.start("bare")
    if name and name.lower() not in fields.FIELDS:
        raise fields.unknown(name, at + 1 + bool(found["minus"]))
    if name and name.lower() != fields.TITLE:
        return fields.check(name.lower(), value, at, value_at)
    is_start = quoted is None and value.endswith("*")
    words = tuple(folding.fold(value))
    if not words:
        what = "title: needs words right behind the colon" if name else f"{value or '-'!r} holds no word to look for"
        raise SearchMalformed(value_at + 1, f"{what}; write one, or leave this out")
    if is_start and len(words[-1]) < SHORTEST_START:
        raise SearchMalformed(value_at + 1, f"write at least {SHORTEST_START} letters before the *")
    return Words(words, in_title=bool(name), is_start=is_start)


class _Reader:
    """Reads tokens from left to right; one method for each rule of the grammar."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens = tokens
        self.end = end
        self.at = 0
        self.depth = 0

    @property
    def kind(self) -> str:
        """What comes next; `end` behind the last one."""
        return self.tokens[self.at].kind if self.at < len(self.tokens) else "end"

    def whole(self) -> Node:
        """everything = [ either ]"""
        if self.kind == "end":
            return EVERYTHING
        node = self.either()
        if self.kind == "close":
            raise self._wrong("this bracket was never opened; take it away or add ( before it")
        return node

    def either(self) -> Node:
        """either = both { OR both }"""
        parts = [self.both()]
        while self.kind == "or":
            self.at += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self) -> Node:
        """both = one { [AND] one }"""
        parts = [self.one()]
        while self.kind in ("and", "not", "open", "leaf"):
            self.at += self.kind == "and"
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self) -> Node:
        """one = NOT one | [-] ( either ) | [-] word | [-] field"""
        kind = self.kind
        if kind in ("end", "close", "or", "and"):
            raise self._wrong("something to look for is missing here; add a word or take the operator away")
        token = self.tokens[self.at]
        self.at += 1
        if kind == "not":
            return Not(self.one())
        node = self._bracket(token) if kind == "open" else token.node
        assert node is not None
        return Not(node) if token.is_negative else node

    def _bracket(self, opened: _Token) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SearchMalformed(opened.at + 1, f"brackets are nested deeper than {DEEPEST}; take some away")
        node = self.either()
        if self.kind != "close":
            raise SearchMalformed(opened.at + 1, "this bracket is never closed; add ) where it ends")
        self.at += 1
        self.depth -= 1
        return node

    def _wrong(self, reason: str) -> SearchMalformed:
        position = self.tokens[self.at].at if self.at < len(self.tokens) else self.end
        return SearchMalformed(position + 1, reason)
