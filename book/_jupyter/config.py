"""JupyterLab opens on the whole book; chapters read as on their pages."""

from pathlib import Path

HERE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821 (Jupyter's own)
c.ServerApp.root_dir = str(HERE.parents[1])
c.LabApp.default_url = "/lab/tree/book/krugman/introduction.ipynb"
c.LabApp.extra_labextensions_path = [str(HERE)]
