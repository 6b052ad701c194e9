"""Build a few pages of the book, quickly and into a folder of their own."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
OUT = ROOT / "_build/page"
ALWAYS = ["book/preface", "book/reference/bibliography"]


def build(paths):
    """Build pages with the preface, which links to them, and the bibliography, which they cite."""
    names = [Path(os.path.relpath(path, ROOT)).with_suffix("").as_posix() for path in paths]
    contents = {
        "format": "jb-book",
        "root": ALWAYS[0],
        "chapters": [{"file": name} for name in dict.fromkeys([*names, *ALWAYS[1:]])],
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    program = Path(sys.executable).parent / "jupyter-book"
    choice = ["--toc", OUT / "_toc.yml", "--path-output", OUT]
    code = subprocess.call(
        [program, "build", ROOT, *choice, "-W", "--keep-going", "--quiet"],
        env={**os.environ, "EDITION": "excerpt"},
    )
    for name in names:
        print(OUT / f"_build/html/{name}.html")
    return code


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("Name the pages, such as book/krugman/basic_trade.ipynb.")
    try:
        sys.exit(build(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
