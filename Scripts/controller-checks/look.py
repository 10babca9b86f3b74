"""Judges alerts and metrics of a controller by promtool, and opens its dashboard in headless Chromium, on a desk and on a
phone: the console must stay silent, every panel must show something, events must arrive, and nothing may stick out at 400
pixels."""
import argparse
import base64
import json
import os
import re
import select
import subprocess
import tempfile
import time

import common
import stage

PANELS = ["load", "fleet", "power", "why", "trust"]
READY = """document.querySelectorAll('.main-svg').length >= 3 && document.getElementById('link').textContent === 'live'"""
PANEL = """(id => { const p = document.getElementById(id); return !p.hidden && p.innerText.length > 60; })(%s)"""
WIDE = """[...document.querySelectorAll('main *, header *')].filter(e => { const r = e.getBoundingClientRect();
  return r.width > 0 && r.right > innerWidth + 1 && !e.closest('.scroll, nav, .detail, svg, .plot'); })
  .slice(0, 3).map(e => e.tagName + '#' + e.id + '.' + e.className).join(' ')"""


class Browser:
    """Chromium, spoken to through its own pipe."""

    def __init__(self, program, folder):
        (self.give_end, give), (take, self.take_end) = os.pipe(), os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        command = f'exec "$0" "$@" 3<&{self.give_end} 4>&{self.take_end}'
        self.child = subprocess.Popen(
            ["bash", "-c", command, program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={folder}/profile", "about:blank"],
            pass_fds=(self.give_end, self.take_end), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.give, self.take, self.rest, self.number = give, take, b"", 0
        self.noise, self.session = [], None

    def close(self):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        for descriptor in (self.give, self.take, self.give_end, self.take_end):
            os.close(descriptor)

    def call(self, method, seconds=30, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.give, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.next(end - time.monotonic())
            if answer and answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
        raise RuntimeError(f"{method}: no answer")

    def next(self, seconds):
        while b"\0" not in self.rest:
            if not select.select([self.take], [], [], max(seconds, 0))[0]:
                return None
            piece = os.read(self.take, 1 << 16)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(text)
        if message.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.noise.append(json.dumps(message["params"])[:300])
        return message

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def open(self, url, width, height):
        self.session, self.noise = None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Page.navigate", url=url)

    def wait(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.value(expression):
                return True
            time.sleep(0.2)
        return False

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def look(browser, url, name, width, height, pictures):
    browser.open(url, width, height)
    begin = time.monotonic()
    common.check(f"{name}: three plots are drawn and the stream is live", browser.wait(READY),
                 browser.value("document.getElementById('link').textContent"))
    seconds = time.monotonic() - begin
    for panel in PANELS:
        common.check(f"{name}: panel {panel} shows something", browser.value(PANEL % json.dumps(panel)))
    common.check(f"{name}: the mode is named", browser.value("document.getElementById('mode').textContent.length > 4"))
    wide = browser.value(WIDE)
    common.check(f"{name}: nothing sticks out at {width} pixels",
                 not wide and browser.value("document.documentElement.scrollWidth") <= width, wide)
    outside = browser.value("performance.getEntriesByType('resource').filter(e => !e.name.startsWith(location.origin)"
                            " && !e.name.startsWith('data:')).map(e => e.name).join(' ')")
    common.check(f"{name}: nothing comes from elsewhere", not outside, outside)
    browser.value("document.querySelector('#decisions details') && (document.querySelector('#decisions details').open = true)")
    time.sleep(0.5)
    if pictures:
        os.makedirs(pictures, exist_ok=True)
        full = browser.value("document.documentElement.scrollHeight")
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=int(full), deviceScaleFactor=1, mobile=False)
        time.sleep(0.5)
        browser.picture(os.path.join(pictures, f"{name}.png"))
    common.check(f"{name}: the console is silent", not browser.noise, browser.noise[:3])
    print(f"      {name}: drawn after {seconds:.1f} s")


def promtool(what, arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=120)
    common.check(f"promtool {what}", done.returncode == 0, (done.stdout + done.stderr)[-800:])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("controller")
    options.add_argument("--config", required=True)
    options.add_argument("--browser", default="chromium")
    options.add_argument("--pictures", help="a folder for screenshots")
    given = options.parse_args()
    alerts = f"{stage.ROOT}/Workloads/monitoring"
    promtool("check rules", ["check", "rules", f"{alerts}/alerts.yaml"])
    promtool("test rules", ["test", "rules", f"{alerts}/alerts-test.yaml"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with open(given.config) as file:
            text = re.sub(r"(?m)^interval_seconds: .*", "interval_seconds: 1", file.read())
        with open(f"{folder}/quick.yaml", "w") as file:
            file.write(re.sub(r"(?m)^id: .*", "id: quick", text))
        url = f"http://127.0.0.1:{common.free_port()}"
        arguments = [given.controller, "run", f"{folder}/quick.yaml", "--database", f"{folder}/quick.sqlite", "--listen",
                     url.removeprefix("http://")]
        with common.Process(arguments, f"{folder}/log") as process:
            if not common.check("the controller is ready", common.wait_for(url + "/readyz", process), process.text()):
                common.finish()
            code, _, text = common.ask(url + "/metrics")
            common.check("it has metrics", code == 200, code)
            promtool("check metrics", ["check", "metrics"], text)
            browser = Browser(given.browser, folder)
            try:
                for name, width, height in [("desk", 1280, 900), ("phone", 400, 800)]:
                    look(browser, url + "/", name, width, height, given.pictures)
            finally:
                browser.close()
    common.finish()


if __name__ == "__main__":
    main()
