"""Files for Hugo and Jekyll: front matter that they read, texts that do nothing, and each piece once."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from stonehand import registry
from stonehand.channels.disclosure import has_label
from stonehand.channels.interfaces import ArrivalDisputed, ConfigUnfit, Target
from stonehand.plugins import front_matter
from stonehand.plugins.dry_run import DryRun
from stonehand.plugins.static_site import StaticSite
from stonehand.publications import disclosure
from tests.channels.conftest import KEY, Kept, make_piece

KIND = StaticSite()
PIECE = make_piece(tags=("bridge", "tide & time"), categories=("City",), meta_description="Open at last.")
NASTY = 'A <b>"title"</b>: {{ x }} \\ \x7f'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.fixture
def target(site: Path, tmp_path: Path) -> Target:
    settings = {"folder": str(site), "base_url": "https://s.example/"}
    return Target("Site", tmp_path / "data" / "published" / "site", settings)


def head(site: Path) -> dict[str, Any]:
    (file,) = site.rglob("*.md")
    text = file.read_text()
    if text.startswith("+++"):
        return tomllib.loads(text.split("+++")[1])
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


@pytest.mark.parametrize("settings", [{}, {"format": "toml"}, {"generator": "jekyll"}], ids=["hugo", "toml", "jekyll"])
def test_a_generator_can_read_what_stands_at_the_head(target: Target, site: Path, settings: dict[str, str]) -> None:
    target = replace(target, config={**target.config, **settings})
    KIND.deliver(replace(PIECE, title=NASTY), KEY, target, Kept())
    found = head(site)
    assert found["tags"] == ["bridge", "tide & time"]
    assert (found["slug"], found["description"], found["draft"]) == ("bridge-opens-1", "Open at last.", False)
    assert (found["label"], found["generator"]) == (PIECE.label, "offline")
    assert found["sources"] == ["https://a.example/1?a=1&b=2"]
    assert found["date"] == "2025-03-01T12:01:00+00:00"
    assert ("<" in found["title"]) == (settings.get("generator") != "jekyll")
    assert found.get("published") == (True if settings.get("generator") == "jekyll" else None)


def test_a_text_does_nothing_when_the_site_is_built_or_read(target: Target, site: Path) -> None:
    nasty = (
        '<script>x</script> {{< readfile "/etc/passwd" >}} {% include x %} [a](JavaScript:alert(1)) '
        "[b](java&#115;cript:alert(1)) text{: onclick=x}"
    )
    KIND.deliver(replace(PIECE, markdown=nasty, label="{% x %}"), KEY, target, Kept())
    (file,) = site.rglob("*.md")
    body = file.read_text().split("---\n")[2]
    assert not any(mark in body for mark in ("<", "{{", "{%", "{:", "&#115;"))
    assert "JavaScript:" not in body
    assert "JavaScript\u200b:" in body, "which is no scheme to a browser"


def test_two_pieces_of_one_name_stand_side_by_side_and_repeats_where_they_were(target: Target, site: Path) -> None:
    first = KIND.deliver(PIECE, KEY, target, Kept())
    second = KIND.deliver(PIECE, KEY[::-1], target, Kept())
    assert (first.url, second.url) == (
        "https://s.example/posts/bridge-opens-1/",
        "https://s.example/posts/bridge-opens-1-2/",
    )
    (site / second.remote_id).unlink()
    assert KIND.verify(KEY[::-1], target) is None
    assert KIND.deliver(replace(PIECE, at=PIECE.at.replace(day=9)), KEY[::-1], target, Kept()) == second
    assert KIND.verify(KEY[::-1], target) == second


def test_a_file_that_somebody_put_there_is_left_alone(target: Target, site: Path) -> None:
    done = KIND.deliver(PIECE, KEY, target, Kept())
    (site / done.remote_id).write_text("theirs")
    with pytest.raises(ArrivalDisputed, match="somebody has changed it"):
        KIND.deliver(PIECE, KEY, target, Kept())
    assert KIND.verify(KEY, target) is None
    (site / "content/posts/2025-03-01-bridge-opens-2.md").write_text("theirs")
    assert KIND.deliver(make_piece(2), KEY[::-1], target, Kept()).remote_id.endswith("bridge-opens-2-2.md")


def test_a_piece_is_replaced_and_taken_back(target: Target, site: Path) -> None:
    done = KIND.deliver(PIECE, KEY, target, Kept())
    better = replace(PIECE, markdown="Closed again.", slug="another")
    assert KIND.update(better, done, KEY, target, Kept()) == done
    assert "Closed again." in (site / done.remote_id).read_text()
    assert head(site)["slug"] == "bridge-opens-1", "its address stays"
    marking = replace(target, config={**target.config, "on_retract": "mark"})
    KIND.retract(done, KEY, marking, "A source has withdrawn its report.")
    text = (site / done.remote_id).read_text()
    assert "withdrawn" in text
    assert "Closed again." not in text
    assert KIND.verify(KEY, target) is None
    with pytest.raises(ArrivalDisputed):
        KIND.update(better, done, KEY, target, Kept())
    other = KIND.deliver(make_piece(2), KEY[::-1], target, Kept())
    KIND.retract(other, KEY[::-1], target, "wrong")
    KIND.retract(other, KEY[::-1], target, "wrong")
    assert not (site / other.remote_id).exists()


def test_no_path_leads_out_of_the_site(target: Target, site: Path, tmp_path: Path) -> None:
    (site / "content").symlink_to(tmp_path)
    with pytest.raises(ConfigUnfit, match="leads out of the site"):
        KIND.deliver(PIECE, KEY, target, Kept())
    for folder in ("relative", "/srv/../etc", str(tmp_path / "data"), ""):
        with pytest.raises(ConfigUnfit):
            KIND.validate(replace(target, config={"folder": folder}))
    with pytest.raises(ConfigUnfit, match="is no folder"):
        KIND.validate(replace(target, config={"folder": str(tmp_path / "nothing")}))


def test_patterns_name_the_date_the_slug_and_the_language() -> None:
    form = front_matter.layout(
        {"path": "content/{language}/{year}/{slug}.md", "link": "{slug}.html", "base_url": "https://s.example"}
    )
    assert front_matter.path_of(form, replace(PIECE, language="de-CH/../x")) == "content/de-chx/2025/bridge-opens-1.md"
    assert front_matter.url_of(form, PIECE) == "https://s.example/bridge-opens-1.html"


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(tmp_path: Path, site: Path) -> None:
    home = tmp_path / "data" / "published" / "dry"
    playing = Target("Dry", home, {"plays": "static-site", "generator": "jekyll"})
    assert DryRun().validate(playing) == dict(playing.config)
    done = DryRun().deliver(PIECE, KEY, playing, Kept())
    text = (home / done.remote_id).read_text()
    assert text.startswith("Nothing was sent.")
    assert "_posts/2025-03-01-bridge-opens-1.md" in text
    assert list(site.iterdir()) == []
    assert DryRun().verify(KEY, playing) == done
    plain = Target("Dry", home, {})
    shown = DryRun().deliver(PIECE, KEY[::-1], plain, Kept())
    assert json.loads((home / shown.remote_id).read_text().partition("piece:\n")[2])["title"] == PIECE.title
    with pytest.raises(ConfigUnfit, match="no plugin adds"):
        DryRun().validate(replace(playing, config={"plays": "papyrus"}))
    with pytest.raises(ConfigUnfit, match="has no setting 'colour'"):
        DryRun().validate(replace(playing, config={"colour": "red"}))


@pytest.mark.parametrize("plays", [name for name in registry.names("channel") if name != "dry-run"])
def test_a_dry_run_plays_every_kind_without_its_settings_and_shows_the_label(tmp_path: Path, plays: str) -> None:
    dry = Target("Dry", tmp_path / "data" / "published" / "dry", {"plays": plays})
    assert DryRun().validate(dry) == {"plays": plays}
    disclosure.check_shown(DryRun(), PIECE, dry)
    kept = DryRun().deliver(PIECE, KEY, dry, Kept())
    assert has_label((dry.home / kept.remote_id).read_text(), PIECE.label)
    assert f"what {plays} would have been given" in (dry.home / kept.remote_id).read_text()
