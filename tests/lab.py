"""A real JupyterLab with a real headless browser, for the tests of notebooks."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PATIENCE = 180  # seconds before a test gives up


def tree_with(notebook: str, folder: Path) -> Path:
    """A folder with the project files and one notebook, as a clone has them."""
    tree = folder / "tree"
    shutil.copytree(ROOT / "params", tree / "params")
    (tree / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / notebook, tree / "notebooks")
    return tree


@contextmanager
def jupyterlab(tree: Path, folder: Path) -> Iterator[str]:
    """JupyterLab at work in a tree, with settings of its own; the address that opens its start page."""
    token = secrets.token_hex(16)
    home = folder / "home"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--port=0",
                "--ip=127.0.0.1",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={tree}",
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            cwd=tree,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        try:
            yield f"{address(server, home / 'runtime', folder / 'server.log')}{{place}}?reset&token={token}"
        finally:
            ended = psutil.Process(server.pid).children(recursive=True)
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            for process in ended:
                if process.is_running():
                    process.kill()


def address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Where the server listens, from the file that it writes when it does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for file in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(file.read_text(encoding="utf-8"))["url"]
            except ValueError:
                continue  # not yet written to its end
        assert server.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@contextmanager
def opened(chromium: str, address: str, notebook: str, size: tuple[int, int] = (1400, 1000)) -> Iterator:
    """A page with the notebook in JupyterLab, its kernel ready."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(address.format(place=f"lab/tree/notebooks/{notebook}"))
            page.locator(".jp-Notebook .jp-Cell").first.wait_for()
            # the kernel's name stands there before it is connected, and a cell that is run then is not run at all
            page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for()
            yield page
        finally:
            browser.close()


def run_all_cells(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
