"""The pages in a real Chromium: no violation axe can find, no request that leaves, keys that work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web import gallery

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what a colour scheme changes of it
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery.served(gallery.app()) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize("path", [*gallery.PAGES, *gallery.DOORS, "/away"])
def test_axe_finds_nothing_and_nothing_leaves(browser: Browser, address: str, path: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed; run `make static`")
    complaints, asked = list[str](), list[str]()
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address + path)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        complaints += [f"light, {width} px: {it}" for it in _violations(page, "light", RULES)]
        complaints += [f"dark, {width} px: {it}" for it in _violations(page, "dark", COLOURS)]
        complaints += [f"too wide at {width} px"] * _too_wide(page)
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "about:", "data:"))] == []


def _violations(page: Page, scheme: Literal["light", "dark"], rules: list[str]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{it['help']}: {it['nodes'][0]['html'][:200]}" for it in found["violations"]]


def _too_wide(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide


def test_articles_side_by_side_stand_below_each_other_where_there_is_no_room(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address + "/curate/one/compare")
    assert page.evaluate("(at => at.scrollWidth - at.clientWidth)(document.querySelector('.scroll'))") == 0
    numbers = page.evaluate("getComputedStyle(document.querySelector('.compared tbody td'), '::before').content")
    page.close()
    assert "counter(at)" in numbers


def test_the_policy_blocks_nothing_of_ours(browser: Browser, address: str) -> None:
    page, said = browser.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for path in gallery.PAGES:
        page.goto(address + path)
    page.close()
    assert said == []


def test_keys_open_go_and_step(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "/")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/jobs")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('[data-step]')")
    page.goto(address + "/review/one")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.type("are")
    assert page.locator("#field-reason").input_value() == "are"
    page.close()


def test_paper_is_white_has_no_controls_and_tells_times_that_do_not_grow_old(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(address + "/reports/one")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert page.locator("main :is(button, .button, [download], nav):visible").count() == 0
    told = "getComputedStyle(document.querySelector('.facts time'), '::after').content"
    assert page.evaluate(told).strip('"').endswith("UTC")
    assert page.evaluate("getComputedStyle(document.querySelector('.section-head')).breakAfter") == "avoid"
    page.close()


def test_figures_of_a_folded_table_say_what_they_count(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address + "/reports/one")
    names = page.evaluate(
        "[...document.querySelectorAll('.folds td.num')].map(it => getComputedStyle(it, '::before').content)"
    )
    page.close()
    assert names
    assert "none" not in names


def test_where_you_are_is_in_sight_on_a_narrow_screen(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address + "/for-you/digests")
    for row in (".tabs", ".sections"):
        assert page.evaluate(
            "row => document.querySelector(row + ' [aria-current]').getBoundingClientRect().right <= innerWidth", row
        )
    page.close()


def test_tables_of_usage_and_history_need_not_be_pushed_sideways(browser: Browser, address: str) -> None:
    page = browser.new_page()
    hidden = "[...document.querySelectorAll('main .scroll')].filter(it => it.scrollWidth > it.clientWidth).length"
    for width, paths in ((390, ("/usage", "/agents/one")), (1280, ("/usage",))):
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            page.goto(address + path)
            assert page.evaluate(hidden) == 0, f"{path} at {width} px"
    page.close()


def test_choices_of_a_policy_are_not_cut_off(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address + "/policies")
    page.locator("summary", has_text="Change the policy").click()
    select = page.locator("select[name=support]:visible")
    shown, needed = select.evaluate(
        "it => { const w = it.offsetWidth; it.style.width = 'max-content'; return [w, it.offsetWidth]; }"
    )
    assert shown >= needed
    page.close()


def test_pages_read_well_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/review/one")
    assert page.get_by_role("button", name="Approve").is_visible()
    page.locator("summary", has_text="Send back").click()
    assert page.get_by_label("What should change?").is_visible()
    context.close()
