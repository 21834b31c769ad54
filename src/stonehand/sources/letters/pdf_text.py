"""The text of one PDF: a program of its own, so that a PDF built to do harm ends nothing but it.

Reads the file from its standard input, and writes one line of JSON: `title`, `text`, `pages`, `read`, or `error`.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Any

MOST_PAGES = 200
LONGEST_TEXT = 300_000  # characters
MEMORY = 768 * 1024 * 1024  # bytes
SECONDS = 20  # of processor time


def main() -> None:
    """Read, and say what is there."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)  # what the reader says of single objects helps nobody
    try:
        found = read(sys.stdin.buffer.read())
    except MemoryError:
        found = {"error": f"reading it takes more than {MEMORY // 1024 // 1024} MB of memory"}
    except RecursionError:
        found = {"error": "it is nested too deeply"}
    except Exception as error:  # the reader raises many kinds of errors at broken files
        found = {"error": f"it is broken ({type(error).__name__})"}
    sys.stdout.write(json.dumps(found))


def read(body: bytes) -> dict[str, Any]:
    """What is in a PDF."""
    from pypdf import PdfReader  # noqa: PLC0415  after the limits are set

    reader = PdfReader(io.BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"error": "it is locked by a password"}
    texts: list[str] = []
    total = len(reader.pages)
    for page in reader.pages[:MOST_PAGES]:
        texts.append(page.extract_text() or "")
        if sum(map(len, texts)) > LONGEST_TEXT:
            break
    title = str((reader.metadata.title if reader.metadata else "") or "")
    return {"title": title[:300], "text": "\n\n".join(texts)[:LONGEST_TEXT], "pages": total, "read": len(texts)}


if __name__ == "__main__":
    main()
