"""How `make docs` builds the site in site/: Sphinx with MyST and furo, from the Markdown files beside this one.

Nothing is loaded from outside: the theme brings its own files, and the font for Chinese is the one that reports embed.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

project = "PPP evaluation suite"
author = "the PPP evaluation suite's authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_static", "images"]
myst_heading_anchors = 3  # links such as page.md#a-heading work, as on a forge
nitpicky = True
smartquotes = False  # quotes, dots and dashes stay as a file or a terminal has them

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static", "../ppp/report/fonts"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same sources give the same bytes
pygments_style = "default"
pygments_dark_style = "github-dark"
html_theme_options = {"source_repository": "", "top_of_page_buttons": []}

# On a forge a link leads to these files; the site has pages that hold them.
HELD_BY = {"README": "set-up", "CONTRIBUTING": "contributing", "CHANGELOG": "changelog"}


def lead_to_pages(app, docname: str, source: list[str]) -> None:
    """Links to the files at the top of the repository lead to the site's own pages."""
    up = "../" * docname.count("/")
    pattern = re.compile(r"\]\((?:\.\./)+(" + "|".join(HELD_BY) + r")\.md")
    source[0] = pattern.sub(lambda link: f"]({up}project/{HELD_BY[link[1]]}.md", source[0])


def setup(app) -> None:
    app.connect("source-read", lead_to_pages)
