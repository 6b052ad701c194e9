"""
Weigh the built pages and let Lighthouse read them.

Serves _build/html compressed on this machine and writes a table of medians. Lighthouse is a
development tool that the book itself does without; install it anywhere, and say where:

    npm install --prefix /some/folder lighthouse@12.2.3    # Node 20
    python benchmarks/pages.py --lighthouse /some/folder

Without it the table has the weights only. Run it on an idle machine.
"""

import argparse
import contextlib
import gzip
import http.server
import json
import mimetypes
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

HTML = Path(__file__).parents[1] / "_build/html"
PAGES = {
    "preface": "book/preface.html",
    "II.B": "book/krugman/transport_equilibrium.html",
    "basic graph": "book/gomory/basic_graph.html",
    "filling in": "book/gomory/filling_in.html",
    "claims": "book/reference/claims.html",
}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files as a public host does: compressed, and kept by the browser."""

    protocol_version = "HTTP/1.1"
    packed: dict = {}  # noqa: RUF012  (shared by all requests on purpose)
    policy = ""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        compress = kind.startswith(COMPRESSED)
        if path not in self.packed:
            data = path.read_bytes()
            self.packed[path] = gzip.compress(data, 9) if compress else data
        data = self.packed[path]
        self.send_response(200)
        self.send_header("Content-Type", kind + ("; charset=utf-8" if compress else ""))
        if compress:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000")
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data)

    def log_message(self, *words):
        """Keep the table clean."""


@contextlib.contextmanager
def served(folder, policy=""):
    """Serve a folder, compressed and under a content security policy if one is given."""
    handler = type("Handler", (Handler,), {"policy": policy, "packed": {}})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *words: handler(*words, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def program():
    """Find Chromium."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return found or sys.exit("No Chromium on this machine: install it, or name it in CHROMIUM.")


def weigh(browser, address):
    """Measure a first visit: kilobytes over the wire, requests, and the first move of a slider."""
    context = browser.new_context(viewport={"width": 412, "height": 823})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    got = {"kB": 0.0, "requests": 0}

    def finished(event):
        got["kB"] += event["encodedDataLength"] / 1000
        got["requests"] += 1

    session.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="load")
    got["kB at load"] = got["kB"]
    page.wait_for_timeout(3000)  # what an idle browser fetches after that
    slider = page.locator("figure.explorer input[type=range]").first
    if slider.count():
        move = """async (slider) => {
            const drawing = slider.closest("figure").querySelector(".explorer-figure");
            const moved = async (value) => {
                const start = performance.now();
                const seen = new Promise((done) =>
                    new MutationObserver(() => done()).observe(drawing, {childList: true}));
                slider.value = value;
                slider.dispatchEvent(new Event("input", {bubbles: true}));
                await Promise.race([seen, new Promise((done) => setTimeout(done, 5000))]);
                return performance.now() - start;
            };
            slider.focus();
            slider.scrollIntoView();
            const first = await moved(slider.max);
            return [first, await moved(slider.min)];
        }"""
        got["first move"], got["next move"] = slider.evaluate(move)
    context.close()
    return got


def lighthouse(folder, address, preset):
    """Run Lighthouse once and keep what the table shows."""
    command = [
        "node",
        str(Path(folder) / "node_modules/lighthouse/cli/index.js"),
        address,
        "--quiet",
        "--output=json",
        f"--chrome-flags={' '.join(FLAGS)}",
        *(["--preset=desktop"] if preset == "desktop" else []),
    ]
    environment = {**os.environ, "CHROME_PATH": program()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    audits = result["audits"]
    scores = {name: one["score"] for name, one in result["categories"].items()}
    lost = [
        name
        for category in ("accessibility", "best-practices", "seo")
        for part in result["categories"].get(category, {"auditRefs": []})["auditRefs"]
        if (name := part["id"])
        and part["weight"]
        and (audits[name]["score"] or 0) < 1
        and audits[name]["scoreDisplayMode"] not in ("notApplicable", "manual", "informative")
    ]
    return (
        scores,
        {
            "blocking ms": audits["total-blocking-time"]["numericValue"],
            "shift": audits["cumulative-layout-shift"]["numericValue"],
            "paint s": audits["largest-contentful-paint"]["numericValue"] / 1000,
        },
        lost,
    )


def table(rows):
    """Write rows of text and numbers under their names."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = [names, *([_shown(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[k]) for line in text) for k in range(len(names))]
    lines = [
        "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in text
    ]
    return "\n".join(lines)


def _shown(value):
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def main():
    """Measure, and write the table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--lighthouse", help="the folder that npm installed Lighthouse into")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--pages", nargs="*", help="some of: " + ", ".join(PAGES))
    options.add_argument("--address", help="measure this page instead, with Lighthouse")
    chosen = options.parse_args()
    chapters = sorted(HTML.glob("book/*/*.html"))
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(served(HTML))
        pages = {name: base + path for name, path in PAGES.items() if (HTML / path).exists()}
        if chosen.pages:
            pages = {name: pages[name] for name in chosen.pages}
        if chosen.address:
            pages = {urlsplit(chosen.address).path.rsplit("/")[-1]: chosen.address}
        else:
            browser = stack.enter_context(sync_playwright()).chromium.launch(
                executable_path=program(), args=FLAGS
            )
            heaviest = max(chapters, key=lambda one: len(gzip.compress(one.read_bytes(), 6)))
            weighed = {**pages, "heaviest": base + heaviest.relative_to(HTML).as_posix()}
            rows = []
            for name, address in weighed.items():
                runs = [weigh(browser, address) for _ in range(chosen.runs)]
                medians = {k: statistics.median(run[k] for run in runs) for k in runs[0]}
                rows.append({"page": name, **medians})
            browser.close()
            print(f"First visit, compressed; moves in ms. The heaviest is {heaviest.stem}.\n")
            print(table(rows))
        if not chosen.lighthouse:
            print("\nNo scores: name a folder with Lighthouse (--lighthouse, see --help).")
            return
        rows = []
        for preset in ("mobile", "desktop"):
            for name, address in pages.items():
                runs = [lighthouse(chosen.lighthouse, address, preset) for _ in range(chosen.runs)]
                row = {"page": name, "as": preset}
                for part in (0, 1):
                    for key in runs[0][part]:
                        row[key] = statistics.median(float(run[part][key] or 0) for run in runs)
                row["lost"] = " ".join(sorted({one for run in runs for one in run[2]}))
                rows.append(row)
        print(f"\nLighthouse, median of {chosen.runs}.\n")
        print(table(rows))


if __name__ == "__main__":
    main()
