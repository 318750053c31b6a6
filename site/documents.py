"""What MkDocs shows beside this folder: the documents of the repository, where they stand.

A page has the same path in both, so that every link between documents leads on both.
"""

from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = (
    *("*.md", "LICENSE", "CITATION.cff"),
    *("docs/*.md", "docs/images/*", "benchmarks/*.md", "benchmarks/images/*", "notebooks/*.ipynb"),
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents to the files of the site; MkDocs calls it by this name."""
    for pattern in DOCUMENTS:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    return files
