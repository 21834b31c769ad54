"""Prometheus' text format (version 0.0.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["gauge", "counter", "histogram"]


@dataclass
class Family:
    """One metric with all its samples. A counter's name ends with `_total`; units stand in the name."""

    name: str
    kind: Kind
    help: str
    lines: list[str] = field(default_factory=list)

    def add(self, value: float, labels: Mapping[str, str] | None = None, suffix: str = "") -> None:
        """Add a sample."""
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in (labels or {}).items())
        self.lines.append(
            f"{self.name}{suffix}{{{inside}}} {_number(value)}" if inside else f"{self.name}{suffix} {_number(value)}"
        )

    def add_histogram(
        self, bounds: Iterable[float], counts: Iterable[float], total: float, seconds: float, labels: Mapping[str, str]
    ) -> None:
        """Add a histogram: how many were no longer than each of the `bounds`, how many there were, and their sum."""
        for bound, count in zip(bounds, counts, strict=True):
            self.add(count, {**labels, "le": f"{bound:g}"}, "_bucket")
        self.add(total, {**labels, "le": "+Inf"}, "_bucket")
        self.add(seconds, labels, "_sum")
        self.add(total, labels, "_count")


def text(families: Iterable[Family]) -> str:
    """Everything, as it is scraped."""
    parts = []
    for family in families:
        parts.append(f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n")
        parts += [f"{line}\n" for line in family.lines]
    return "".join(parts)


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
