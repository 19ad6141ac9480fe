"""The report in a real browser, at phone and desktop width."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tahdhib.report.write import write_report
from tahdhib.store.run_folder import RunFolder

pytestmark = pytest.mark.browser

BINARIES = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    missing = [name for name, path in BINARIES.items() if path is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = BINARIES["chromium"]
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(BINARIES["chromedriver"])
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def look(browser: Any, report: Path, size: str) -> None:
    width, height = SIZES[size]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"},
    )
    browser.get(report.as_uri())


def keep_picture(browser: Any, path: Path) -> None:
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    path.write_bytes(base64.b64decode(picture["data"]))
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize("size", SIZES)
def test_the_report_reads_well(
    browser: Any, finished: RunFolder, tmp_path: Path, size: str
) -> None:
    look(browser, write_report(finished), size)
    run = browser.execute_script
    keep_picture(browser, tmp_path / f"{size}.png")

    assert run("return document.title") == "demo · Tahdhib"
    headings = run("return [...document.querySelectorAll('h2')].map(h => h.textContent)")
    assert headings == [
        "What happened",
        "The way of the documents",
        "What changed",
        "What the gate refused",
        "What was measured",
        "By group",
        "What was kept",
        "The corpus as a whole",
        "What people say",
        "The worker and its code of conduct",
        "What was dropped",
        "How it was made",
    ]
    run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert run("return document.documentElement.scrollWidth <= innerWidth")
    assert run("return document.documentElement.dir") == "ltr"
    arabic = "document.querySelector('.passage[lang=ar]')"
    assert run(f"return getComputedStyle({arabic}).direction") == "rtl"
    assert run(f"return getComputedStyle({arabic}).unicodeBidi") == "isolate"
    assert run("return document.scripts.length") == 1
    assert run("return document.querySelectorAll('[onerror],[onload],[onclick]').length") == 0
    assert run("return getComputedStyle(document.querySelector('.flow.wide')).display") == (
        "none" if size == "phone" else "block"
    )
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_samples_are_filtered_by_rule(browser: Any, finished: RunFolder) -> None:
    look(browser, write_report(finished), "desktop")
    run = browser.execute_script
    shown = "[...document.querySelectorAll('#samples > article')].filter(card => !card.hidden)"
    assert run(f"return {shown}.length") == 8
    run("document.getElementById('more-samples').click()")
    assert run(f"return {shown}.length") == 16
    run(
        "const filter = document.getElementById('rule-filter');"
        "filter.value = 'mask-contacts'; filter.dispatchEvent(new Event('change'));"
    )
    rules = run(f"return {shown}.map(card => card.dataset.rules.split('\\n'))")
    assert rules
    assert all("mask-contacts" in owners for owners in rules)


def test_insults_are_folded_until_opened(browser: Any, finished: RunFolder) -> None:
    look(browser, write_report(finished), "phone")
    run = browser.execute_script
    folded = "document.querySelector('#samples details.sensitive')"
    run(f"{folded}.closest('article').hidden = false")
    hidden = f"return {folded}.querySelector('.passage').checkVisibility()"
    assert run(hidden) is False
    run(f"{folded}.querySelector('summary').click()")
    assert run(hidden) is True


def test_every_sample_is_readable_without_scripts(browser: Any, finished: RunFolder) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, write_report(finished), "phone")
        cards = browser.find_elements("css selector", "#samples > article")
        assert len(cards) > 8
        assert all(card.is_displayed() for card in cards)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
