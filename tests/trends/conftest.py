"""Stories to make trends of."""

from __future__ import annotations

from tests.stories.conftest import add_article, pipeline, words_as_vectors

__all__ = ["add_article", "pipeline", "words_as_vectors"]
