"""How far hosts and authors are known to be reliable."""

from __future__ import annotations

import pytest

from stonehand.rubrics import reputation


@pytest.mark.parametrize(
    ("host", "score"),
    [
        ("reuters.com", 85),
        ("graphics.reuters.com", 80),
        ("www.reuters.com", 85),
        ("cdc.gov", 90),
        ("nhs.gov.uk", 90),
        ("mit.edu", 90),
        ("ox.ac.uk", 88),
        ("nature.com", 88),
        ("infowars.com", 25),
        ("www.gov.uk", 90),
        ("reuters.com.example", 50),
        ("notreuters.com", 50),
        ("blog.example", 50),
        ("", 50),
    ],
)
def test_hosts_have_a_reputation(host: str, score: float) -> None:
    assert reputation.judge(host, None).score == score


def test_trust_and_doubt_of_somebody_here_go_first_and_an_unknown_author_drags_nothing() -> None:
    assert reputation.judge("blog.example", None, trusted=("blog.example",)).score == 85
    assert reputation.judge("reuters.com", None, doubted=("reuters.com",)).score == 25
    assert reputation.judge("reuters.com", "Ada").score == pytest.approx(0.7 * 85 + 0.3 * 70)
    assert "doubts" in reputation.judge("a.reuters.com", None, doubted=("reuters.com",)).reason
