"""The page on paper: its own style sheet, and the running title."""


def setup(app):
    """Register the style sheet, after the others, and the script."""
    app.add_css_file("paper.css", priority=900)
    app.add_js_file("paper.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
