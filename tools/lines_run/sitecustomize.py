"""Python reads this when it starts, where `make test` has put this folder on its path: modules of ppp are then run with marks.

Beside the modules as tools/lines_that_run.py compiled them, LINES_RUN (a folder) holds a map for each: a byte for every line, which
the line sets itself when it runs. A map is shared memory over a file, so that every process counts however it ends.
"""

import marshal
import mmap
import os
import sys
from importlib.machinery import PathFinder, SourceFileLoader

FOLDER = os.environ.get("LINES_RUN")


def marks(module: str) -> mmap.mmap:
    """The map of a module; what a marked module calls first."""
    with open(os.path.join(FOLDER, f"{module}.ran"), "r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def state_of(path) -> str:
    """A line that tells for which Python and which state of its file a module was compiled."""
    return f"{sys.version} {os.path.realpath(path)} {os.stat(path).st_mtime_ns}".replace("\n", " ") + "\n"


class Marked(SourceFileLoader):
    """A module as it was compiled with marks; as it stands where that was of another state of its file, or for another Python."""

    def get_code(self, fullname):
        try:
            with open(os.path.join(FOLDER, f"{fullname}.code"), "rb") as file:
                state, code = file.readline(), file.read()
            if state.decode() == state_of(self.path):
                return marshal.loads(code)
        except OSError:
            pass
        return super().get_code(fullname)


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] != "ppp":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = Marked(spec.loader.name, spec.loader.path)
        return spec


if FOLDER:
    sys.meta_path.insert(0, Finder)
