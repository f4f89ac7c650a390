"""A batch against the plain tools: papermill and nbconvert in a shell loop, and the same charts and tables by a script without notebooks.

python benchmarks/batch.py [--projects 40] [--looped 40] [--jobs 2]

All three make the English report of the same projects, in one run, one after the other. The shell loop does `--looped` of them, and its
time is taken for all in proportion (it starts everything anew for each). The script is the floor: what the figures themselves cost.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measured import record

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(sys.executable).parent
SECTIONS = """verdict tests key_figures published cash value_for_money risks options bids affordability qualitative sensitivity
scenarios rules checks statements inputs provenance"""


def write_projects(folder: Path, count: int) -> list[Path]:
    """Variants of the wastewater plant that differ in cost."""
    import shutil

    text = (ROOT / "params" / "wastewater.yaml").read_text(encoding="utf-8")
    assert text.count("id: wastewater-plant") == 1 and text.count("value: 30600") == 1
    (folder / "params").mkdir()
    shutil.copytree(ROOT / "params" / "districts", folder / "params" / "districts")
    paths = [folder / "params" / f"plant-{number:03}.yaml" for number in range(count)]
    for number, path in enumerate(paths):
        made = text.replace("id: wastewater-plant", f"id: plant-{number:03}")
        path.write_text(made.replace("value: 30600", f"value: {30600 + 10 * number}"), encoding="utf-8")
    for district in (folder / "params" / "districts").glob("*.yaml"):  # their own reports are not what is measured
        kept = district.read_text(encoding="utf-8").partition("\nprojects:")[0]
        district.write_text(kept + "\n", encoding="utf-8")
    return paths


def shell_loop(paths: list[Path], folder: Path) -> Cost:
    """Seconds of what a user without a batch runner would write."""
    (folder / "looped").mkdir()
    lines = []
    for path in paths:
        out = f"looped/{path.stem}.ipynb"
        lines.append(
            f"'{HERE}/papermill' '{ROOT}/notebooks/evaluation.ipynb' {out} -p project '{path}' -p lang en --no-progress-bar"
            f" && '{HERE}/jupyter' nbconvert --to html --no-input {out}"
        )
    return timed(["sh", "-c", " && ".join(lines)], folder)


def plain_script(paths: list[Path], folder: Path, jobs: int) -> Cost:
    return timed([sys.executable, __file__, "--plain", str(jobs), *map(str, paths)], folder)


def make_plainly(path: str) -> None:
    """The report's charts and tables on one page, by calls."""
    from ppp.report import html
    from ppp.report.evaluation_page import Report
    from ppp.report.export import page

    report = Report(path)  # in English, with the draws of a batch
    shown = [getattr(report, name)() for name in SECTIONS.split()]
    text = page(html.join([part.markup for part in shown if part is not None]), path, "en")
    Path(f"plain-{Path(path).stem}.html").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processors."""

    wall: float
    processor: float

    def times(self, factor: float) -> Cost:
        return Cost(self.wall * factor, self.processor * factor)

    def __str__(self) -> str:
        return f"{self.wall:8.1f} s, {self.processor:8.1f} s of processors"


def timed(command: list[str], folder: Path) -> Cost:
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{command[:4]} ended with {run.returncode}:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - begun, used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=12)
    parser.add_argument("--looped", type=int, default=2, help="of these by the shell loop")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_projects(folder, given.projects)
        batch = [str(HERE / "ppp"), "batch", "params", "-o", "reports", "--lang", "en", "--jobs", str(given.jobs)]
        looped = min(given.looped, given.projects)
        floor = plain_script(paths, folder, given.jobs)
        ours = timed(batch, folder)
        again = timed(batch, folder)
        loop = shell_loop(paths[:looped], folder).times(given.projects / looped)
    print(f"{given.projects} reports of one language, {given.jobs} processes, {os.cpu_count()} processors")
    print(f"  papermill and nbconvert in a shell loop  {loop}   (measured on {looped})")
    print(f"  ppp batch                                {ours}   {loop.wall / ours.wall:.1f} times as fast as the loop")
    print(
        f"  the same by a plain script               {floor}   the batch takes {ours.wall / floor.wall:.2f} times as long"
    )
    print(f"  ppp batch again, nothing changed         {again}")
    many = f"{given.projects} reports by ppp batch"
    record(many, ours.wall, "papermill and nbconvert in a shell loop", loop.wall)
    record(many, ours.wall, "a plain script without notebooks", floor.wall)
    record(f"{given.projects} reports again, nothing changed", again.wall)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plain"]:
        os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(int(sys.argv[2])) as pool:
            list(pool.map(make_plainly, sys.argv[3:]))
    else:
        main()
