"""Run notebooks top to bottom and leave in them only what a reader would notice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

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


def merged(outputs):
    """Join what was printed piece by piece, since the pieces depend on the moment."""
    result = []
    for output in outputs:
        last = result[-1] if result else {}
        if output.output_type == "stream" and output.get("name") == last.get("name"):
            last.text += output.text
        else:
            result.append(output)
    return result


def clean(notebook):
    """Drop images, widgets and all that depends on the machine or the moment."""
    notebook.metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = merged(cell.outputs)
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "mystnb")}
        # A question's code holds its answers: JupyterLab, too, shows the question only.
        if "remove-input" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()
            for kind in [k for k in output.get("data", {}) if k.startswith(UNSEEN)]:
                del output["data"][kind]


def run(path):
    """Execute one notebook in place."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
    ).execute()
    clean(notebook)
    nbformat.write(notebook, path)
    return path.relative_to(ROOT)


def changed():
    """List the notebooks that differ from the last commit or were never run through."""
    status = subprocess.run(
        [
            "git",
            "status",
            "--porcelain",
            "--untracked-files=all",
            "--",
            "book",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    touched = {ROOT / line[3:] for line in status.stdout.splitlines()}
    for path in sorted(ROOT.glob("book/**/*.ipynb")):
        if path in touched or not executed(nbformat.read(path, as_version=4)):
            yield path


if __name__ == "__main__":
    paths = [Path(name).resolve() for name in sys.argv[1:]] or list(changed())
    with ThreadPoolExecutor(2) as pool:
        for name in pool.map(run, paths):
            print(name)
