"""What a report is made of: figures and tables, the same for pages, CSV, JSON and the command line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Cell = str | int | float | None
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes what begins so for a formula


@dataclass(frozen=True)
class Figure:
    """A number with its name. `unit` stands behind it; `key` names it in curves over many reports."""

    key: str
    words: str
    value: float | None
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under columns. `chart` draws the second column by the first: `bars`, `line`, or nothing."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    chart: str = ""
    links: Sequence[str] = ()
    """Where the first cell of each row leads, if anywhere."""


@dataclass(frozen=True)
class Section:
    """One chapter. `note` says what its numbers do not tell."""

    key: str
    title: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def of_json(kept: Mapping[str, Any]) -> Section:
    """A section as it is kept."""
    figures = [Figure(**each) for each in kept["figures"]]
    tables = [Table(**each) for each in kept["tables"]]
    return Section(kept["key"], kept["title"], figures, tables, kept.get("note", ""))


def key_figures(sections: Iterable[Section]) -> dict[str, float]:
    """The figures of all sections that have a value, by `section.figure`."""
    return {
        f"{section.key}.{figure.key}": figure.value
        for section in sections
        for figure in section.figures
        if figure.value is not None
    }


def as_csv(sections: Iterable[Section]) -> str:
    """One table after the other, with an empty line between them; figures are a table too. RFC 4180."""
    written = io.StringIO()
    out = csv.writer(written)
    for section in sections:
        if section.figures:
            _write(
                out, [section.title, "value", "unit"], [(each.words, each.value, each.unit) for each in section.figures]
            )
        for table in section.tables:
            _write(out, [f"{section.title}: {table.title}"], [])
            _write(out, table.columns, table.rows)
    return written.getvalue()


def _write(out: Any, head: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
    out.writerow([_cell(each) for each in head])
    listed = [[_cell(each) for each in row] for row in rows]
    out.writerows(listed)
    if listed:
        out.writerow([])


def _cell(value: Cell) -> Cell:
    """Texts of strangers never become formulas of a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def share(part: float, whole: float) -> float | None:
    """Percent, or nothing of nothing."""
    return round(100 * part / whole, 1) if whole else None


def ranked(counts: Mapping[str, int], most: int = 15) -> list[tuple[str, int]]:
    """The largest first; names decide between equals."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:most]
