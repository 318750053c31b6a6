"""Take the pictures of the documentation, in a project that has run.

`python docs/take_pictures.py` serves what is packaged, drives the page in a browser as a viewer
does, and photographs the reports. It needs Chromium.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ROOT / "docs" / "images"
ADDRESS: Final = "http://127.0.0.1:3999"
_START_S, _SETTLE_MS = 120, 900
_FRAME_WIDTH, _FRAME_MS = 720, 1400
_REPORTS: Final = {"eda": 1270, "model": 1090}


def main() -> None:
    """Take all pictures; those that were there are replaced."""
    programs = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    with _serving(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(programs, None), args=["--no-sandbox"]
        )
        desktop = browser.new_page(viewport={"width": 1280, "height": 1100})
        _film(desktop, IMAGES / "page.gif", IMAGES / "page-desktop.png")

        phone = browser.new_page(
            viewport={"width": 390, "height": 1100}, device_scale_factor=1.5, has_touch=True
        )
        phone.goto(f"{ADDRESS}/ui/en/", wait_until="networkidle")
        _rate(phone, 0, 5)
        phone.screenshot(path=IMAGES / "page-phone.png")

        for name, height in _REPORTS.items():
            report = browser.new_page(viewport={"width": 1200, "height": height})
            report.goto((ROOT / "data" / "reports" / f"{name}.html").as_uri())
            report.screenshot(path=IMAGES / f"{name}-report.png")
        browser.close()


@contextmanager
def _serving() -> Generator[None]:
    """Serve what is packaged, with a folder of received ratings of its own."""
    with tempfile.TemporaryDirectory() as folder:
        port = ADDRESS.rpartition(":")[2]
        command = ["cartelera", "serve", f"serve.port={port}", f"serve.feedback={folder}"]
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL)
        try:
            _wait(server)
            yield
        finally:
            server.terminate()
            server.wait()


def _wait(server: subprocess.Popen[bytes]) -> None:
    for _ in range(_START_S):
        if server.poll() is not None:
            sys.exit("The service ended: has `make repro` run?")
        try:
            urlopen(f"{ADDRESS}/readyz").close()
            return
        except OSError:
            time.sleep(1)
    sys.exit(f"The service did not start in {_START_S} s.")


def _film(page: Page, film: Path, picture: Path) -> None:
    """Rate titles one after another, narrow the list and ask for more like one of them."""
    frames: list[Image.Image] = []

    def shoot() -> None:
        page.wait_for_timeout(_SETTLE_MS)
        frame = Image.open(io.BytesIO(page.screenshot()))
        size = (_FRAME_WIDTH, round(frame.height * _FRAME_WIDTH / frame.width))
        frames.append(
            frame.resize(size, Image.Resampling.LANCZOS).quantize(64, dither=Image.Dither.NONE)
        )

    page.goto(f"{ADDRESS}/ui/en/", wait_until="networkidle")
    shoot()
    for place, stars in ((0, 5), (2, 4)):
        _rate(page, place, stars)
        shoot()
    page.screenshot(path=picture)
    page.get_by_label("Movies", exact=True).check()
    shoot()
    page.locator("[data-like]").first.click()
    shoot()
    frames[0].save(
        film, save_all=True, append_images=frames[1:], duration=_FRAME_MS, loop=0, optimize=True
    )


def _rate(page: Page, place: int, stars: int) -> None:
    """Give stars to a title of the grid by the keyboard, half a star a press."""
    slider = page.locator("#start input[type=range]").nth(place)
    slider.focus()
    for _ in range(2 * stars):
        slider.press("ArrowRight")
    page.wait_for_timeout(_SETTLE_MS)


if __name__ == "__main__":
    main()
