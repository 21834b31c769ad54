"""Words of a search in the forms that FTS5 and PostgreSQL's tsquery read. Pure.

Words are folded, so they hold letters and digits only; they are quoted all the same.
"""

from __future__ import annotations

from stonehand.search.tree import All, Any, Node, Not, Words


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
        marks = [""] * (len(node.words) - 1) + ["*" if node.is_start else ""]
        label = "A" if node.in_title else ""
        each = [
            f"'{word}'{f':{label}{mark}' if label or mark else ''}"
            for word, mark in zip(node.words, marks, strict=True)
        ]
        return f"({' <-> '.join(each)})"
    if isinstance(node, Not):
        return f"!{tsquery(node.part)}"
    if isinstance(node, All | Any):
        return f"({(' & ' if isinstance(node, All) else ' | ').join(tsquery(part) for part in node.parts)})"
    raise TypeError(f"{node} is not about words")
