"""The sample newsroom: a simulator of six outlets, for a first look and for tests. It says so wherever it is seen."""

from __future__ import annotations

from stonehand.sample.content import Truth, slug_of, truth
from stonehand.sample.outlets import outlets
from stonehand.sample.server import Newsroom, PortTaken

__all__ = ["Newsroom", "PortTaken", "Truth", "outlets", "slug_of", "truth"]
