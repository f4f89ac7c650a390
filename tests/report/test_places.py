"""Reports at an address behave as in a folder: whole files, lists, removal; projects are read from an address too."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from ppp.report.collect import read_all, sorted_files
from ppp.report.manifest import sealed
from ppp.report.places import Place, RemotePlace, place
from ppp.report.sources import gathered
from ppp.report.verify import MISSING, OK, verify


@pytest.fixture(params=["folder", "file://", "memory://", "dir::memory://"])
def home(request, tmp_path) -> Place:
    if request.param == "folder":
        return place(tmp_path / "reports")
    if request.param == "file://":
        return place(f"file://{tmp_path}/reports")
    if request.param == "dir::memory://":  # a chain of file systems
        return place(f"dir::memory://{uuid.uuid4().hex}/reports")
    return place(f"memory://{uuid.uuid4().hex}/reports")


def test_a_path_is_a_place_of_this_machine_and_an_address_is_not(tmp_path):
    assert type(place(tmp_path)) is Place and type(place("reports")) is Place
    assert type(place("memory://x/reports")) is RemotePlace
    assert str(place("memory://x/reports") / "a") == "memory://x/reports/a"


def test_files_are_put_read_listed_and_removed(home):
    assert home.names() == []
    with pytest.raises(FileNotFoundError):
        home.read("a.txt")
    home.make()
    home.replace("a.txt", b"one")
    home.replace("a.txt", "二".encode())
    (home / "below").make()
    home.replace("below/b.txt", b"")
    assert home.read("a.txt").decode() == "二" and home.read("below/b.txt") == b""
    assert home.is_file("a.txt") and not home.is_file("b.txt")
    assert home.names() == ["a.txt", "below"] and home.files() == ["a.txt", "below/b.txt"]
    home.remove("a.txt")
    home.remove("a.txt")
    assert home.names() == ["below"]


def test_staged_files_are_taken_in_order_and_nothing_is_left(home, monkeypatch):
    with home.staging(".making-x") as staging:
        for name in ("one.html", "manifest.json"):
            (staging / name).write_text(name, encoding="utf-8")
        home.take(staging, ["one.html", "manifest.json"])
        place_of_staging = staging
    assert not place_of_staging.exists()
    assert home.files() == ["manifest.json", "one.html"]


def test_an_upload_that_fails_leaves_the_old_file(monkeypatch):
    home = place(f"memory://{uuid.uuid4().hex}/reports")
    home.make()
    home.replace("a.txt", b"old")

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home.system, "mv", broken)
    with pytest.raises(OSError):
        home.replace("a.txt", b"new")
    monkeypatch.undo()
    assert home.files() == ["a.txt"] and home.read("a.txt") == b"old"


def test_verify_reads_an_address():
    home = place(f"memory://{uuid.uuid4().hex}/reports")
    (home / "a").make()
    home.replace("a/manifest.json", sealed({"outputs": {"x.html": "0" * 64}}))
    found = [(finding.state, str(finding.path)) for finding in verify(str(home))]
    assert found == [(OK, f"{home}/a/manifest.json"), (MISSING, f"{home}/a/x.html")]


def test_projects_are_read_from_an_address_and_shown_by_it(small, tmp_path):
    small(tmp_path, "a")
    (tmp_path / "bad.yaml").write_text("kind: project\nid: bad\n", encoding="utf-8")
    source = place(f"memory://{uuid.uuid4().hex}/params")
    source.make()
    for name in ("a.yaml", "bad.yaml"):
        source.replace(name, (tmp_path / name).read_bytes())
    source.replace("secret.sh", b"#!/bin/sh")
    with gathered([str(source)]) as files:
        assert sorted(path.name for path in Path(files.paths[0]).iterdir()) == ["a.yaml", "bad.yaml"]
        projects, refused = read_all(sorted_files(files.paths)[0], files.shown)
        refused = {name: files.shown_in(problems) for name, problems in refused.items()}
    assert [project._origin.document.file for project in projects] == [f"{source}/a.yaml"]
    assert list(refused) == [f"{source}/bad.yaml"]
    assert {problem.file for problem in refused[f"{source}/bad.yaml"]} == {f"{source}/bad.yaml"}
    with gathered([f"{source}/a.yaml"]) as files:
        assert [files.shown(path) for path in files.paths] == [f"{source}/a.yaml"]


def test_an_address_without_files_is_named():
    with pytest.raises(FileNotFoundError), gathered([f"memory://{uuid.uuid4().hex}/nothing"]):
        pass
