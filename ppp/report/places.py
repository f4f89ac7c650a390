"""Where reports lie: a folder of this machine, or any address that fsspec knows (s3://, abfs://, sftp://, memory:// ...)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from ppp.report import whole_files
from ppp.report.manifest import digest


class Place:
    """A folder by its path on this machine. Files are named by relative paths with slashes."""

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def __str__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: str) -> Place:
        return Place(self.path / name)

    @property
    def name(self) -> str:
        return self.path.name

    def above(self) -> Place:
        return Place(self.path.absolute().parent)

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError, or another OSError."""
        return (self.path / name).read_bytes()

    def is_file(self, name: str) -> bool:
        return (self.path / name).is_file()

    def names(self) -> list[str]:
        """What lies in the folder, sorted; nothing where there is no folder."""
        try:
            return sorted(os.listdir(self.path))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def files(self) -> list[str]:
        """Every file below the folder, as relative paths."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())

    def replace(self, name: str, data: bytes) -> None:
        """Put a whole file in place, at once."""
        whole_files.replace(self.path / name, data)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        """A folder of this machine for files that are not complete yet; nothing of it is left."""
        folder = self.path.parent / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def take(self, staging: Path, names: list[str]) -> None:
        """Move whole files from `staging` to their final names, in this order."""
        self.make()
        for name in names:
            whole_files.flush(staging / name)
        for name in names:
            os.replace(staging / name, self.path / name)
        whole_files.flush_folder(self.path)


class RemotePlace(Place):
    """A folder by its address. A file is uploaded beside and moved, or put at once where the store does so."""

    def __init__(self, address: str):
        import fsspec

        self.address = address.rstrip("/")
        self.system, self.root = fsspec.core.url_to_fs(self.address)

    def __str__(self) -> str:
        return self.address

    def __truediv__(self, name: str) -> RemotePlace:
        return RemotePlace(f"{self.address}/{name}")

    @property
    def name(self) -> str:
        return PurePosixPath(self.root).name

    def above(self) -> RemotePlace:
        return RemotePlace(self.address.rpartition("/")[0])

    def _at(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        return self.system.cat_file(self._at(name))

    def is_file(self, name: str) -> bool:
        return self.system.isfile(self._at(name))

    def names(self) -> list[str]:
        self.system.invalidate_cache()
        try:
            return sorted(PurePosixPath(found).name for found in self.system.ls(self.root, detail=False))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def files(self) -> list[str]:
        self.system.invalidate_cache()
        root = PurePosixPath(self.root)
        return sorted(PurePosixPath(found).relative_to(root).as_posix() for found in self.system.find(self.root))

    def replace(self, name: str, data: bytes) -> None:
        beside = self._at(f".{PurePosixPath(name).name}.{os.urandom(6).hex()}.new")
        self.make()
        try:
            self.system.pipe_file(beside, data)
            self.system.mv(beside, self._at(name))
        except BaseException:
            with suppress(Exception):
                self.system.rm_file(beside)
            raise

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self.system.rm_file(self._at(name))

    def make(self) -> None:
        self.system.makedirs(self.root, exist_ok=True)

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix=name) as folder:
            yield Path(folder)

    def take(self, staging: Path, names: list[str]) -> None:
        for name in names:
            self.replace(name, (staging / name).read_bytes())


def is_address(where: str | Path) -> bool:
    return isinstance(where, str) and ("://" in where or "::" in where)


def place(where: str | Path | Place) -> Place:
    """The place of a path or an address. Raises MissingExtra where an address is given and fsspec is not installed."""
    if isinstance(where, Place):
        return where
    if not is_address(where):
        return Place(where)
    try:
        return RemotePlace(str(where))
    except ImportError as error:
        raise MissingExtra(f"{where}: {error}; install the extra: pip install 'ppp-evaluation[cluster]'") from None


def spoilt(home: Place, outputs: dict[str, str]) -> str | None:
    """In words, the first of the files (name -> hash) that is not as it was made; None when all are."""
    for name, expected in outputs.items():
        try:
            if digest(home.read(name)) != expected:
                return f"{name} was altered"
        except OSError:
            return f"{name} is missing"
    return None


class MissingExtra(RuntimeError):
    """What was asked for needs a package that is not installed."""
