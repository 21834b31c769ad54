"""Bars and lines of a table, as numbers that SVG draws. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 160  # of a line's picture
LEFT, BOTTOM, TOP = 44, 22, 10  # for its labels


@dataclass(frozen=True)
class Line:
    """A curve: its points as SVG wants them, dots, and labels of both axes."""

    points: str
    dots: tuple[tuple[float, float, str], ...]
    top: str
    first: str
    last: str


def bars(values: Sequence[float]) -> list[float]:
    """Widths from 0 to 100, the largest value's 100; nothing is drawn of what is below 0."""
    largest = max((value for value in values if value > 0), default=0)
    return [round(100 * max(0.0, value) / largest, 1) if largest else 0.0 for value in values]


def _short(value: float) -> str:
    """A number that fits beside the picture: `1234`, `12.5`, `0.021`."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def line(names: Sequence[str], values: Sequence[float]) -> Line | None:
    """A curve over at least two points, from 0 at the bottom to the largest value at the top."""
    if len(values) < 2:
        return None
    largest = max(*values, 0) or 1
    step = (WIDTH - LEFT - 8) / (len(values) - 1)
    places = [
        (round(LEFT + at * step, 1), round(HEIGHT - BOTTOM - max(value, 0) / largest * (HEIGHT - BOTTOM - TOP), 1))
        for at, value in enumerate(values)
    ]
    return Line(
        points=" ".join(f"{x},{y}" for x, y in places),
        dots=tuple((x, y, f"{name}: {value:g}") for (x, y), name, value in zip(places, names, values, strict=True)),
        top=_short(largest),
        first=names[0],
        last=names[-1],
    )
