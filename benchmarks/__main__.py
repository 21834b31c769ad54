"""`python -m benchmarks [FIGURE]`: measure all figures, or one. Prints one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import (
    accepting,
    agreement,
    claiming,
    commenting,
    copies,
    curation,
    describing,
    desk,
    extraction,
    fetching,
    idle,
    ingest,
    latency,
    library,
    pending,
    polling,
    publishing,
    recommending,
    starting,
    stories,
    throughput,
    trends,
    vectors,
)

Figures = Iterator[dict[str, Any]]
BENCHMARKS: dict[tuple[str, ...], Callable[[], Figures]] = {
    ("ingest.ratio",): ingest.measure,
    ("extraction.f1_gain",): extraction.measure_gain,
    ("extraction.cpu_ratio",): extraction.measure_cost,
    extraction.METADATA: extraction.measure_metadata,
    copies.FIGURES: copies.measure,
    ("analysis.bdh_agreement",): agreement.measure,
    ("analysis.describe_ms",): describing.measure,
    ("start.seconds",): starting.measure,
    ("idle.rss_mb", "idle.cpu_percent"): idle.measure,
    ("jobs.claim_growth",): claiming.measure,
    ("pages.jobs_p95_ms",): desk.measure,
    ("jobs.accept_p99_ms",): accepting.measure,
    ("jobs.latency_ratio", "jobs.latency_embedded_ms"): latency.measure,
    library.FIGURES: library.measure,
    ("fetch.ratio",): fetching.measure,
    polling.FIGURES: polling.measure,
    ("stories.b3_f1",): stories.measure_f1,
    ("stories.growth",): stories.measure_growth,
    ("vectors.query_ms",): vectors.measure,
    ("vectors.query_ms_1000000",): vectors.measure_growth,
    ("trends.detected",): trends.measure,
    ("pipeline.items_per_second",): pending.measure,
    (recommending.FIGURES[0],): recommending.measure_speed,
    (recommending.FIGURES[1],): recommending.measure_quality,
    curation.FIGURES: curation.measure,
    publishing.FIGURES: publishing.measure,
    publishing.DRAFTING: publishing.measure_drafts,
    commenting.FIGURES: commenting.measure,
    **{(figure,): partial(throughput.measure, figure) for figure in throughput.FIGURES},
}


def main(wanted: str = "") -> int:
    """Print the figures. Exit 2 if there is none of that name."""
    known = [name for names in BENCHMARKS for name in names]
    if wanted and wanted not in known:
        sys.stderr.write(f"there is no figure {wanted!r}; there are: {', '.join(known)}\n")
        return 2
    for names, measure in BENCHMARKS.items():
        if not wanted or wanted in names:
            for figure in measure():
                if not wanted or figure["figure"] == wanted:
                    print(json.dumps(figure), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
