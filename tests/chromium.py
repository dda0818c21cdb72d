"""Finds the Chromium that the browser tests drive, or installs one; run as a module it prints the path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The shell is the same engine without windows, menus and an address bar to paint: a seventh less work for the machine.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of a Chromium of this machine: CHROMIUM, the system's, Playwright's."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Install Debian's Chromium where we may, else the one that Playwright downloads."""
    become = [] if os.getuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and _succeeds([*become, "apt-get", "update"]):
        for package in _NAMES[:2]:
            if _succeeds([*become, "apt-get", "install", "-y", package]):
                return
    _succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def _succeeds(command: list[str]) -> bool:
    try:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment).returncode == 0  # noqa: S603
    except FileNotFoundError:
        return False


def main() -> None:
    """Print the path of a Chromium, installed if need be."""
    if not find():
        install()
    path = find()
    if not path:
        sys.exit("No Chromium: install one (Debian: apt-get install chromium) or name it in CHROMIUM.")
    sys.stdout.write(path)


if __name__ == "__main__":
    main()
