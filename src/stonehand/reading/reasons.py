"""Why an article is recommended: the strongest of what spoke for it, and in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.vectors import Row
from stonehand.reading.ranking import neighbours
from stonehand.reading.states import Less, Phase

if TYPE_CHECKING:
    from stonehand.reading.catalogue import Catalogue
    from stonehand.reading.pasts import Past

ALIKE = 0.4  # the cosine from which on two articles are alike enough to say so
ABOUT = 0.3  # the same for an article and the few words of a topic
POPULAR = 0.3  # of what is read most


def find(shelf: Catalogue, reader: Past, wanted: NDArray[np.int64], topics: Mapping[str, Row]) -> list[dict[str, Any]]:
    """For each wanted article `{"kind", "detail"}`; detail is an id, a topic, a phase, a number or empty."""
    liked = [(shelf.place[id_], weight) for id_, weight in reader.known if weight > 0 and id_ in shelf.place]
    liked = [(at, weight) for at, weight in liked if shelf.ids[at] not in reader.less[Less.BECAUSE]]
    items = np.array([at for at, _ in liked], dtype=np.int32)
    weights = np.array([weight for _, weight in liked], dtype=np.float32)
    by = neighbours.strongest(items, weights, shelf.near, wanted.astype(np.int32))
    rows = shelf.vectors[wanted]
    alike, closest = _nearest(shelf.vectors[items], rows)
    about, topic = _nearest(np.stack(list(topics.values())) if topics else rows[:0], rows)
    names, found = list(topics), []
    for number, at in enumerate(wanted.tolist()):
        if about[number] >= max(ABOUT, alike[number]):
            found.append({"kind": "topic", "detail": names[topic[number]]})
        elif by[number] >= 0 and alike[number] < ALIKE:
            found.append({"kind": "readers", "detail": shelf.ids[items[by[number]]]})
        elif alike[number] >= ALIKE:
            found.append({"kind": "alike", "detail": shelf.ids[items[closest[number]]]})
        else:
            found.append(_without_past(shelf, reader, at))
    return found


def _nearest(some: Row, rows: Row) -> tuple[Row, NDArray[np.int64]]:
    """For each of `rows` the highest cosine to one of `some`, and which; 0 if there are none."""
    if not len(some):
        return np.zeros(len(rows), dtype=np.float32), np.zeros(len(rows), dtype=np.int64)
    cosines = some @ rows.T
    return cosines.max(axis=0), cosines.argmax(axis=0)


def _without_past(shelf: Catalogue, reader: Past, at: int) -> dict[str, Any]:
    phase = shelf.phases[at]
    if reader.scores and phase >= 0 and list(Phase)[phase] == reader.scores.weakest:
        return {"kind": "phase", "detail": reader.scores.weakest.value}
    if shelf.read[at] >= POPULAR:
        return {"kind": "popular", "detail": ""}
    if shelf.told_by[at] > 1:
        return {"kind": "story", "detail": str(shelf.told_by[at])}
    return {"kind": "new", "detail": ""}


def words(kind: str, detail: str, title: str) -> str:
    """The reason in a sentence; `title` is that of the article that `detail` names, if it names one."""
    told = {
        "alike": f"Because you read “{title}”.",
        "readers": f"Others who read “{title}” read this too.",
        "topic": f"You follow “{detail}”.",
        "phase": f"It is about {detail}, where your assessment has the most room.",
        "popular": "It is among what is read most here.",
        "trending": "More read it than the week before would lead one to expect.",
        "story": f"{detail} outlets tell its story.",
        "new": "It came lately, and you have not read it.",
    }
    return told[kind]


def less(kind: str, detail: str, outlet: str) -> dict[str, str]:
    """What a reader should say to see less for this reason: `{"kind", "value"}`."""
    if kind in ("alike", "readers"):
        return {"kind": Less.BECAUSE.value, "value": detail}
    return (
        {"kind": Less.TOPIC.value, "value": detail} if kind == "topic" else {"kind": Less.OUTLET.value, "value": outlet}
    )
