"""Finished reports that the tests of documents read, and programs that read the documents back."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from ppp.report.formats.finished import Finished, finished
from ppp.report.formats.pdf import pdf_of
from ppp.report.formats.word_document import docx_of

# a stock project with a district, one by half-years with several loans, and a running contract with long tables
PROJECTS = ("wastewater-plant", "waste-to-energy", "reclaimed-water")


@dataclass(frozen=True)
class Made:
    """A report of the batch with documents made from it."""

    folder: Path
    report: Finished
    pdf: Path
    docx: Path


@pytest.fixture(scope="session")
def documents_of(shipped, tmp_path_factory, commands):
    """Makes the documents of a report of the shipped batch, once for all workers."""

    def make(name: str, lang: str, stem: str = "evaluation") -> Made:
        folder = shipped.reports / name
        report = finished(folder, stem, lang)

        def write(home: Path) -> str:
            (home / "report.pdf").write_bytes(pdf_of(report))
            (home / "report.docx").write_bytes(docx_of(report))
            return str(home)

        home = Path(commands["once"](tmp_path_factory, f"documents-{name}-{stem}-{lang}", write))
        return Made(folder, report, home / "report.pdf", home / "report.docx")

    return make


@pytest.fixture
def made(documents_of, program):
    program("pango")
    return documents_of


@pytest.fixture
def pdf_text(request, program):
    """The text of a PDF file by poppler, page by page."""
    pdftotext = program("pdftotext")

    def read(path: Path, *options: str) -> list[str]:
        done = subprocess.run([pdftotext, *options, str(path), "-"], capture_output=True, check=True)
        return done.stdout.decode("utf-8").split("\f")[:-1]

    return read
