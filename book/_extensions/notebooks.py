"""Run notebooks top to bottom and leave in them only what a reader would notice."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import nbformat

import execution
import fingerprints

ROOT = Path(__file__).parents[2]
KERNEL = {
    "display_name": "Python 3",
    "language": "python",
    "name": "python3",
}
UNSEEN = ("image/", "application/vnd.jupyter.widget")


def executed(notebook):
    """Tell whether all code cells were run once, from top to bottom."""
    cells = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    return [c.execution_count for c in cells] == list(range(1, len(cells) + 1))


def clean(notebook):
    """Drop images, widgets and all that depends on the machine or the moment."""
    notebook.metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "mystnb")}
        # A question's code holds its answers: JupyterLab, too, shows the question only.
        if "remove-input" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()
            for kind in [k for k in output.get("data", {}) if k.startswith(UNSEEN)]:
                del output["data"][kind]


def chapters():
    """List the notebooks of the book, without the copies that Jupyter keeps."""
    found = ROOT.glob("book/**/*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def touched():
    """List the files that differ from the last commit."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "-z"]
    status = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {ROOT / line[3:] for line in status.stdout.split("\0")}


def fingerprint(path):
    """Fingerprint a notebook as it stands, with all that it depends on."""
    own = hashlib.sha256(path.read_bytes()).hexdigest()
    return own + fingerprints.digest(path, ROOT / "lib")


class Stored:
    """What each notebook and its sources were when it was last run here."""

    def __init__(self, file=ROOT / "_build/notebooks.json"):
        self.file = file
        there = file.is_file()
        self.known = json.loads(file.read_text(encoding="utf-8")) if there else {}

    def stale(self):
        """List the notebooks to run: new ones, changed ones, and those whose sources changed."""
        new = touched()
        for path in chapters():
            known = self.known.get(path.relative_to(ROOT).as_posix())
            sources = fingerprints.sources(fingerprints.code(path), path.parent, ROOT / "lib")
            if (
                known != fingerprint(path)
                if known
                else not new.isdisjoint([path, *sources])
                or not executed(nbformat.read(path, as_version=4))
            ):
                yield path

    def keep(self, path, notebook):
        """Write a notebook that has run, and remember it."""
        clean(notebook)
        nbformat.write(notebook, path)
        name = path.relative_to(ROOT).as_posix()
        self.known[name] = fingerprint(path)
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(self.known, indent=1), encoding="utf-8")
        print(name)


def main(names):
    """Run the notebooks that are named, or those that are stale; tell how many failed."""
    stored = Stored()
    paths = [Path(name).resolve() for name in names] or list(stored.stale())
    failed = execution.run(paths, 300, stored.keep)
    for path, why in failed.items():
        print(f"{path} failed:\n{why}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped; what has run is stored.")
