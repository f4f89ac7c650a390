"""The list of a batch, batch.json, and the pages of its index: written when what they show has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ppp.report.manifest import digest, sealed, sources_hash, unsealed
from ppp.report.places import Place
from ppp.report.task import BATCH, MANIFEST, Outcome

if TYPE_CHECKING:
    from ppp.report.batch import Batch


def write_index(batch: Batch, langs: tuple[str, ...]) -> None:
    """index.html in the first language, index.<lang>.html in the others, and batch.json, which names them and the reports.

    What is there already and would be made from the same things stays."""
    made_from = _made_from(batch, langs)
    if _in_place(batch.folder, made_from):
        return
    from ppp.report.index import index, summary_of

    pages: dict[str, str] = {}
    for position, lang in enumerate(langs):
        name = "index.html" if position == 0 else f"index.{lang}.html"
        data = index(batch, lang, langs).encode()
        batch.folder.replace(name, data)
        pages[name] = digest(data)
    for name in batch.folder.names():
        if name.startswith("index") and name.endswith(".html") and name not in pages:
            batch.folder.remove(name)
    made = [o.name for o in batch.outcomes if summary_of(batch.folder, o) is not None]
    batch.folder.replace(BATCH, sealed({"format": 2, "outputs": pages, "reports": made, "made_from": made_from}))


def _made_from(batch: Batch, langs: tuple[str, ...]) -> str:
    """The hash of all that an index shows: the outcomes, the summaries by their reports' manifests, and how it is shown."""
    outcomes = [[o.name, o.failure, o.complete, _manifest(batch.folder, o)] for o in batch.outcomes]
    refused = {name: list(map(str, problems)) for name, problems in batch.refused.items()}
    return digest(json.dumps([sources_hash(), langs, outcomes, refused]).encode())


def _manifest(folder: Place, outcome: Outcome) -> dict | None:
    """What a report holds; not when and where it was made, so that the same reports have the same index.

    Raises OSError where one that is done cannot be read."""
    try:
        return unsealed(folder.read(f"{outcome.name}/{MANIFEST}"))["outputs"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    except OSError:
        if outcome.failure is None:  # no list may vouch for a report that is said to be whole and cannot be read
            raise
        return None


def _in_place(folder: Place, made_from: str) -> bool:
    try:
        before = unsealed(folder.read(BATCH))
        pages = dict(before["outputs"])
        return before["made_from"] == made_from and all(digest(folder.read(n)) == d for n, d in pages.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False
