"""Words of a search in the forms that FTS5 and PostgreSQL's tsquery read. Pure.

Words are folded, so they hold letters and digits only; they are quoted all the same.
"""

from __future__ import annotations

from stonehand.articles.indexing import TITLE_MARK
from stonehand.search.tree import All, Any, Node, Not, Words, leaves


def begins_somewhere(node: Node) -> bool:
    """Whether the index of words can answer this alone: FTS5 knows NOT only between two things."""
    if isinstance(node, Any):
        return all(begins_somewhere(part) for part in node.parts)
    if isinstance(node, All):
        inner = [part.part if isinstance(part, Not) else part for part in node.parts]
        return not all(isinstance(part, Not) for part in node.parts) and all(map(begins_somewhere, inner))
    return isinstance(node, Words)


def fts5(node: Node) -> str:
    """For FTS5's MATCH, of what `begins_somewhere`."""
    if isinstance(node, Words):
        phrase = f'"{" ".join(node.words)}"{"*" if node.is_start else ""}'
        return f"title : {phrase}" if node.in_title else phrase
    if isinstance(node, Any):
        return f"({' OR '.join(fts5(part) for part in node.parts)})"
    if isinstance(node, All):
        wanted = " AND ".join(fts5(part) for part in node.parts if not isinstance(part, Not))
        unwanted = [fts5(part.part) for part in node.parts if isinstance(part, Not)]
        return f"({' NOT '.join([f'({wanted})', *unwanted])})"
    raise TypeError(f"{node} has no beginning in the index of words")


def tsquery(node: Node) -> str:
    """For a cast to `tsquery`."""
    if isinstance(node, Words):
        return f"({' <-> '.join(_lexemes(node))})"
    if isinstance(node, Not):
        return f"!{tsquery(node.part)}"
    if isinstance(node, All | Any):
        return f"({(' & ' if isinstance(node, All) else ' | ').join(tsquery(part) for part in node.parts)})"
    raise TypeError(f"{node} is not about words")


def loose_tsquery(node: Node) -> str:
    """Like `tsquery`, but words of a phrase may stand anywhere: what an index without places can answer alone.

    It finds all that `tsquery` finds of what `begins_somewhere`, and more.
    """
    if isinstance(node, Words):
        return f"({' & '.join(_lexemes(node))})"
    if isinstance(node, Any):
        return f"({' | '.join(loose_tsquery(part) for part in node.parts)})"
    if isinstance(node, All):
        wanted = [loose_tsquery(part) for part in node.parts if not isinstance(part, Not)]
        unwanted = [tsquery(part) for part in node.parts if isinstance(part, Not) and not has_phrase(part)]
        return f"({' & '.join([*wanted, *unwanted])})"
    raise TypeError(f"{node} has no beginning in the index of words")


def has_phrase(node: Node) -> bool:
    """Whether it asks for words side by side."""
    return any(isinstance(leaf, Words) and len(leaf.words) > 1 for leaf, _ in leaves(node))


def _lexemes(node: Words) -> list[str]:
    mark = TITLE_MARK if node.in_title else ""
    quoted = [f"'{mark}{word}'" for word in node.words]
    return [*quoted[:-1], quoted[-1] + (":*" if node.is_start else "")]
