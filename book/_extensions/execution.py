"""Chapters are run when they, or what they depend on, have changed; what has run is kept."""

import asyncio
import os
import re
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from traceback import format_exception_only

import nbformat
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from nbclient import NotebookClient
from sphinx.errors import ExtensionError

import fingerprints


class Cache(JupyterCacheBase):
    """The store of results that myst-nb reads, with what each result depended on."""

    def truncate_caches(self):
        """Delete nothing: the original deletes what another thread or build stores meanwhile."""

    def close(self):
        """Close the file of records, for which Python 3.13 warns otherwise."""
        self.db.dispose()

    def holds(self, path, digest):
        """Tell whether a notebook's results are here, whole, and of today's sources."""
        try:
            record = self.match_cache_notebook(nbformat.read(path, as_version=4))
            self.get_cache_bundle(record.pk)
        except (KeyError, ValueError):  # never run, or stored only in part
            return False
        return (record.data or {}).get("sources") == digest

    def keep(self, path, notebook, digest):
        """Store a notebook that has run."""
        bundle = CacheBundleIn(notebook, str(path), data={"sources": digest})
        self.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


async def _run(path, turn, timeout, keep):
    async with turn:
        try:
            notebook = nbformat.read(path, as_version=4)
            place = {"metadata": {"path": str(path.parent)}}
            await NotebookClient(
                notebook,
                timeout=timeout,
                resources=place,
                record_timing=False,  # the cache tells cells apart by their metadata, too
                coalesce_streams=True,  # a busy machine hands over a line in pieces
                extra_arguments=["--log-level=ERROR"],  # no line about encryption within a machine
                shutdown_kernel="immediate",
            ).async_execute()
            keep(path, notebook)
        except Exception as error:
            return "".join(format_exception_only(error)).strip()


async def _run_all(paths, timeout, keep):
    turn = asyncio.Semaphore(os.cpu_count() or 1)
    # The longest first, so that the cores finish together.
    paths = sorted(paths, key=lambda path: -path.stat().st_size)
    results = await asyncio.gather(*(_run(path, turn, timeout, keep) for path in paths))
    return {path: why for path, why in zip(paths, results, strict=True) if why}


def run(paths, timeout, keep):
    """
    Run notebooks, as many at once as there are cores; Ctrl-C stops them all.

    Parameters
    ----------
    paths : iterable of Path
        The notebooks.
    timeout : float
        The seconds that one cell may take.
    keep : callable
        Called with the path and the notebook when it has run; one call at a time.

    Returns
    -------
    dict of Path to str
        The notebooks that failed, and why.
    """
    # Not in this thread, where nbclient would take Ctrl-C for itself.
    loop = asyncio.new_event_loop()
    work = loop.create_task(_run_all(list(paths), timeout, keep))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(loop.run_until_complete, work)
        try:
            while not done.done():  # Windows sees Ctrl-C only between two waits
                wait([done], timeout=1)
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(work.cancel)
            raise
    loop.close()
    return done.result()


def _notebooks(env):
    paths = {name: Path(env.doc2path(name)) for name in env.found_docs}
    return {name: path for name, path in paths.items() if path.suffix == ".ipynb"}


def outdated(app, env, added, changed, removed):
    """Have a chapter read again when something that it depends on has changed."""
    app.digests = {name: fingerprints.digest(path) for name, path in _notebooks(env).items()}
    known = getattr(env, "digests", {})
    return [name for name, digest in app.digests.items() if known.get(name) != digest]


def execute(app, env, names):
    """Run the chapters that are about to be read and whose results are not in the cache."""
    chapters = _notebooks(env)
    digests = {path: app.digests[name] for name, path in chapters.items() if name in names}
    with closing(Cache(app.config.nb_execution_cache_path)) as cache:
        failed = run(
            [path for path, digest in digests.items() if not cache.holds(path, digest)],
            app.config.nb_execution_timeout,
            lambda path, notebook: cache.keep(path, notebook, digests[path]),
        )
    if failed:
        colours = re.compile(r"\x1b\[[0-9;]*m")
        raise ExtensionError(
            "\n\n".join(f"{path} failed:\n{colours.sub('', why)}" for path, why in failed.items())
        )
    env.digests = app.digests


def setup(app):
    """Connect the above to Sphinx's events."""
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", execute)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
