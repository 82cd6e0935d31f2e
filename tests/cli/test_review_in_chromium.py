"""The page of ``sengu review`` in a real browser: it draws, it zooms, and it complains of nothing.

The test puts a copy of the page into a frame of the width in question (Chromium opens no window
below 500 pixels), with a script of its own at the end, which presses keys and writes down what it
finds; Chromium prints the outer document as it then is.
"""

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest

from experiments.cli import main

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome")
                 if (path := shutil.which(name))), None)  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

PROBE = """
<script>
window.addEventListener("load", function () {
  var found = {};
  var count = function (what) { return document.querySelectorAll(what).length; };
  var press = function (node, key) {
    node.focus();
    node.dispatchEvent(new KeyboardEvent("keydown", { key: key, bubbles: true, cancelable: true }));
  };
  var picture = document.querySelector("svg.swim"), shown = function () {
    return picture.getAttribute("data-shown");
  };
  found.images = count("img");
  found.drawn = Array.prototype.filter.call(document.images, function (one) {
    return one.complete && one.naturalWidth > 0;
  }).length;
  found.drawings = count("svg.drawing");
  found.timelines = count(".timeline.live");
  found.width = document.documentElement.scrollWidth;
  found.states = [shown()];
  ["+", "ArrowRight", "ArrowLeft", "-", "0", "Home"].forEach(function (key) {
    press(picture, key);
    found.states.push(shown());
  });
  found.focused = document.activeElement === picture;
  found.visible = Array.prototype.filter.call(picture.querySelectorAll("g.bar"), function (bar) {
    return bar.getAttribute("visibility") !== "hidden";
  }).length;
  found.said = picture.closest(".timeline").querySelector(".readout").textContent;
  var small = Array.prototype.filter.call(document.querySelectorAll("p, li, td, th"),
    function (one) { return parseFloat(getComputedStyle(one).fontSize) < 12; });
  found.small = small.length;
  var result = document.createElement("pre");
  result.id = "probe";
  result.textContent = JSON.stringify(found);
  parent.document.body.appendChild(result);
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("review") / "page.html"
    command = ["review", "deck-redis", "deck-redis-never-moved", "--profile", "cloud-2015"]
    assert main([*command, "--years", "3", "--out", str(out)]) == 0
    return out


def opened(page: Path, profile: Path) -> tuple[str, str]:
    """The document after its scripts ran, and what the browser logged."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            "--hide-scrollbars",
            *("--enable-logging=stderr", "--v=0", f"--user-data-dir={profile}"),
            *("--window-size=2000,1000", "--virtual-time-budget=4000", "--dump-dom"),
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout, done.stderr


def probed(page: Path, folder: Path, width: int) -> dict[str, object]:
    copy = folder / "copy.html"
    inner = escape(page.read_text().replace("</body>", f"{PROBE}</body>"), quote=True)
    frame = f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{inner}"></iframe>'
    copy.write_text(f"<!DOCTYPE html><html><body>{frame}</body></html>")
    document, log = opened(copy, folder / "profile")
    complaints = [line for line in log.splitlines() if "CONSOLE" in line]
    assert not complaints
    found = re.search(r'<pre id="probe">(.*?)</pre>', document, re.DOTALL)
    assert found, "the script of the test did not run to its end"
    result: dict[str, object] = json.loads(unescape(found[1]))
    return result


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_every_figure_is_drawn_without_a_complaint(page: Path, tmp_path: Path, width: int) -> None:
    """An error in the script, or an image that is broken, would leave holes in the page."""
    found = probed(page, tmp_path, width)
    text = page.read_text()
    assert found["images"] == found["drawn"] == text.count("<img ")
    assert found["drawings"] == 2
    assert found["timelines"] == text.count('class="timeline"')
    assert found["small"] == 0, "text too small to read"
    assert found["width"] == width, "the page scrolls sideways"


def test_pictures_zoom_and_move_by_keyboard(page: Path, tmp_path: Path) -> None:
    """Who has no mouse could otherwise not see what happened within the first second."""
    found = probed(page, tmp_path, 1280)
    first, closer, later, earlier, wider, whole, again = found["states"]  # type: ignore[misc]
    assert found["focused"]
    assert closer != first
    assert later != closer
    assert earlier == closer
    assert wider == first
    assert whole != closer
    assert again == first
    assert found["visible"]
    assert str(found["said"]).startswith("Shown: ")
