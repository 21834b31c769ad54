"""From the setup link to a published piece in a real Chromium, and once more without JavaScript."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.acceptance.desks import EMAIL, PASSWORD, Desk, started
from tests.acceptance.newsrooms import House, furnished
from tests.servers import wait_until

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LOOKS: list[tuple[Literal["dark", "light"], int]] = [("light", 390), ("dark", 1280)]
PATIENCE = 90_000  # ms until the sample newsroom's first draft waits


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make static")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path) -> House:
    return House(furnished(tmp_path_factory.mktemp("browser"), models))


@pytest.fixture(scope="module")
def desk(browser: Browser, house: House) -> Iterator[Desk]:
    """The product as a newcomer starts it, with the sample newsroom."""
    with started(house) as desk:
        yield desk


def check(page: Page) -> None:
    """Axe finds nothing and nothing sticks out, narrow in light and wide in dark; `tests/web` has the other two."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    complaints = []
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        complaints += [f"{it['help']}: {it['nodes'][0]['html'][:200]}" for it in found["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            complaints.append(f"too wide at {width} px")
    assert complaints == [], page.url


def fill(page: Page, **fields: str) -> None:
    """Type into the fields of a form and send it with Enter."""
    for name, value in fields.items():
        page.locator(f"#field-{name}").fill(value)
    page.keyboard.press("Enter")


def pieces(house: House) -> list[Path]:
    return list((house.folder / "published").rglob("*.md"))


def test_from_the_setup_link_to_a_published_piece_by_keyboard(browser: Browser, desk: Desk, house: House) -> None:
    context = browser.new_context(bypass_csp=True, base_url=desk.address)
    page = context.new_page()
    page.goto(f"/setup?key={desk.setup_key}")
    check(page)
    fill(page, name="Ada", email=EMAIL, password=PASSWORD)
    page.wait_for_url(f"{desk.address}/")
    check(page)
    _open_the_first_draft(page)
    _approve_take_back_and_approve(page)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/channels")
    expect(page.locator("table .badge.good").first).to_have_text("Published", timeout=40_000)  # the page renews itself
    check(page)
    wait_until(lambda: len(pieces(house)) == 1, "the piece is in the folder")
    assert "http://127.0.0.1:" in pieces(house)[0].read_text(encoding="utf-8")
    _look_at_a_job(page)
    context.close()


def _open_the_first_draft(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("v")
    page.wait_for_url("**/review")
    page.locator(".queue a").first.wait_for(timeout=PATIENCE)  # the page renews itself
    check(page)
    page.keyboard.press("1")
    page.wait_for_url("**/review/*")
    check(page)
    assert page.locator(".bench mark").count() == page.locator(".bench li").count()


def _approve_take_back_and_approve(page: Page) -> None:
    draft = page.url
    page.keyboard.press("a")
    expect(page.locator("#messages")).to_contain_text("It goes out in 10 seconds")
    page.keyboard.press("u")
    page.wait_for_url(draft)
    expect(page.locator("#messages")).to_contain_text("Taken back")
    page.keyboard.press("a")
    expect(page.locator("#messages")).to_contain_text("It goes out in 10 seconds")


def _look_at_a_job(page: Page) -> None:
    page.goto("/jobs?task=publications.publish&show=completed")
    check(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/*")
    expect(page.locator(".badge").first).to_have_text("Done")
    check(page)


def test_signing_in_reading_and_approving_without_javascript(browser: Browser, desk: Desk, house: House) -> None:
    person = {"secret": desk.setup_key, "email": EMAIL, "name": "Ada", "password": PASSWORD}
    desk.client.post("/api/v1/auth/setup", json=person)  # refused if there is an account already
    context = browser.new_context(java_script_enabled=False, base_url=desk.address)
    page = context.new_page()
    page.goto("/review")
    fill(page, email=EMAIL, password=PASSWORD)
    page.wait_for_url(f"{desk.address}/review")
    wait_until(lambda: _reloaded(page).locator(".queue a").count() > 0, "a draft waits", PATIENCE / 1000)
    page.locator(".queue a").first.click()
    assert page.locator(".bench mark").count() > 0
    page.get_by_role("button", name="Approve").click()
    assert "It goes out in 10 seconds" in page.locator("#messages").inner_text()
    context.close()


def _reloaded(page: Page) -> Page:
    page.reload()
    return page
