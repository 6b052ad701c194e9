"""Find a Chromium or Chrome where Linux, macOS and Windows keep it."""

import os
import shutil
from pathlib import Path

# The shell is Chromium without windows, which opens a page in half the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe")


def places(environment, home):
    """List where the programs stand that are not on the PATH."""
    folders = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    roots = [Path(environment[name]) for name in folders if name in environment]
    yield from (root / name for root in roots for name in WINDOWS)
    for applications in (Path("/Applications"), home / "Applications"):
        yield from (applications / name for name in MAC)


def find():
    """Give the program's path: what CHROMIUM names, or the first found, or None."""
    on_path = map(shutil.which, NAMES)
    elsewhere = (str(path) for path in places(os.environ, Path.home()) if path.is_file())
    return os.environ.get("CHROMIUM") or next(filter(None, [*on_path, *elsewhere]), None)
