"""Citations as people type them, `[1]`, and as they go out: linked to their source, which a list at the end names.

`full` is what is kept; `short` shows it to those who write. What people worded otherwise stays as they did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stonehand.drafts import layout, markup
from stonehand.drafts.pieces import SourceText
from stonehand.nlp import prose

_SHORT = re.compile(r"(?<![\\\[\w])\[(\d{1,3})\](?![(:\]])")
_FULL = re.compile(r"(?<![\\\[\w])\[\[(\d{1,3})\]\]\(([^)\s]*)\)(?![(:\]])")


def full(text: str, sources: Sequence[SourceText], language: str) -> str:
    """Every citation of a source linked, and the list of sources at the end if the text has none of its own."""
    targets = _targets(sources)
    linked = _SHORT.sub(lambda found: _linked(found, targets), prose.before_sources(text))
    rest = text[len(prose.before_sources(text)) :]
    if rest:
        return linked + rest
    last = max((int(found[1]) for found in _FULL.finditer(linked) if targets.get(int(found[1])) == found[2]), default=0)
    listed = layout.list_of_sources([source for source in sources if source.number <= last], language)
    return linked.rstrip() + listed if last else linked


def is_typed(text: str) -> bool:
    """Whether it holds a citation as people type it."""
    return bool(_SHORT.search(prose.before_sources(text)))


def short(markdown: str, sources: Sequence[SourceText], language: str) -> str:
    """What to type for this text, so that `full` makes it again: `full(short(text)) == full(text)`."""
    targets = _targets(sources)
    text = prose.before_sources(markdown)
    typed = _FULL.sub(lambda found: f"[{found[1]}]" if targets.get(int(found[1])) == found[2] else found[0], text)
    bare = typed.rstrip()
    return bare if full(bare, sources, language) == full(markdown, sources, language) else typed + markdown[len(text) :]


def _targets(sources: Sequence[SourceText]) -> dict[int, str]:
    return {source.number: markup.citable(source.url) for source in sources}


def _linked(found: re.Match[str], targets: Mapping[int, str]) -> str:
    target = targets.get(int(found[1]))
    return f"[[{found[1]}]]({target})" if target else found[0]
