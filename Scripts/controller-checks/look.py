"""Opens the dashboard of a running controller in headless Chromium, on a desk and on a phone: the console must stay
silent, every panel must show something, and nothing may stick out at 400 pixels."""
import argparse
import os
import re
import subprocess
import tempfile

import common

PANELS = ["load", "fleet", "power", "why", "trust"]


def browse(browser, folder, url, width, height, *more):
    flags = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}",
             f"--user-data-dir={folder}/profile{width}", "--enable-logging=stderr", "--v=0", "--timeout=8000", *more, url]
    return subprocess.run(flags, capture_output=True, text=True, errors="replace", timeout=90)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("--browser", default="chromium")
    options.add_argument("--pictures", help="a folder for screenshots")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, width, height in [("desk", 1280, 3000), ("phone", 400, 6000)]:
            page = browse(given.browser, folder, given.url, width, height, "--dump-dom")
            noise = [line for line in page.stderr.splitlines() if "CONSOLE" in line]
            common.check(f"{name}: the console is silent", not noise, noise[:3])
            plots = page.stdout.count('class="main-svg"')
            common.check(f"{name}: three plots are drawn", plots >= 3, f"{plots} drawings")
            for panel in PANELS:
                found = re.search(rf'<section id="{panel}"[^>]*>', page.stdout)
                common.check(f"{name}: panel {panel} is shown", bool(found) and "hidden" not in found[0], found)
            common.check(f"{name}: the mode is named", re.search(r'id="mode"[^>]*>[A-Z]+<', page.stdout), "no mode")
            common.check(f"{name}: events arrive", '>live<' in page.stdout, "the stream is not live")
            outside = re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page.stdout)
            common.check(f"{name}: nothing comes from elsewhere", not outside, outside[:3])
            if given.pictures:
                os.makedirs(given.pictures, exist_ok=True)
                browse(given.browser, folder, given.url, width, height,
                       f"--screenshot={os.path.abspath(given.pictures)}/{name}.png")
    common.finish()


if __name__ == "__main__":
    main()
