"""The index: made once, by one process, made again when damaged; a newer scan is noticed."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.browse import made

from sharedline.browse.filters import Filters
from sharedline.browse.gaps import page
from sharedline.browse.index import FOLDER, KEEP, open_index
from sharedline.browse.indexes import Indexes
from sharedline.browse.pool import COUNTED, LOOKED_UP
from sharedline.errors import Error, Unavailable
from sharedline.project import Project

ONE = (
    "import sys; from pathlib import Path; from sharedline.project import Project\n"
    "from sharedline.browse.index import open_index\n"
    "index = open_index(Project(Path(sys.argv[1]))); print(index.gaps); index.close()"
)


def gaps_of(project: Project, scan: str = "") -> int:
    index = open_index(project, scan)
    try:
        return page(index, Filters()).total
    finally:
        index.close()


def folders(project: Project) -> list[Path]:
    return sorted(p for p in (project.folder / FOLDER).iterdir() if p.is_dir())


def test_it_is_made_once(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(60, made.AS_OF, 1))
    first = gaps_of(project)
    (folder,) = folders(project)
    written = (folder / COUNTED).stat().st_mtime_ns
    assert gaps_of(project) == first > 0
    assert (folder / COUNTED).stat().st_mtime_ns == written


@pytest.mark.parametrize("name", [COUNTED, LOOKED_UP])
@pytest.mark.parametrize("harm", ["cut", "scribbled", "empty", "gone"])
def test_a_damaged_file_is_made_again(tmp_path: Path, name: str, harm: str) -> None:
    project = made.scan(tmp_path, made.rows(60, made.AS_OF, 1))
    first = gaps_of(project)
    path = folders(project)[0] / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": data[: len(data) // 2],
                "scribbled": b"\xff" * 5000 + data[5000:],
                "empty": b"",
            }[harm]
        )
    assert gaps_of(project) == first


def test_two_processes_at_once_make_one(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(300, made.AS_OF, 1))
    running = [
        subprocess.Popen([sys.executable, "-c", ONE, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(said)) == 1
    assert len(folders(project)) == 1


def test_old_ones_go_and_what_a_killed_process_left(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "x.y.tmp").mkdir(parents=True)
    for day in range(KEEP + 2):
        at = made.AS_OF + timedelta(days=day)
        project = made.scan(tmp_path, made.rows(20, at, day), at)
        gaps_of(project)
    assert len(folders(project)) == KEEP
    assert gaps_of(project, f"{made.AS_OF:%Y%m%d}") >= 0  # made again when asked for


def test_a_scan_that_is_judged_again_has_another_index(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(60, made.AS_OF, 1))
    first = gaps_of(project)
    made.scan(tmp_path, made.rows(60, made.AS_OF, 1)[:30])
    assert gaps_of(project) < first


def test_no_scan_and_no_folder_are_explained(tmp_path: Path) -> None:
    with pytest.raises(Error, match="no finished scan"):
        open_index(Project(tmp_path))
    made.scan(tmp_path, made.rows(5, made.AS_OF, 1))
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be written"):
        open_index(Project(tmp_path))


def test_a_long_running_process_swaps_to_a_newer_scan(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(60, made.AS_OF, 1))
    indexes = Indexes(project, look=0)
    try:
        with indexes.use() as old:
            later = made.AS_OF + timedelta(days=1)
            made.scan(tmp_path, made.rows(90, later, 2), later)
            with indexes.use() as meanwhile:  # nobody waits while the newer one is made
                assert meanwhile.manifest.id == old.manifest.id
            with indexes.use(wait=True) as new:
                assert new.as_of == later
                assert page(new, Filters(rows="all")).total > page(old, Filters(rows="all")).total
            with indexes.use(old.manifest.id) as again:
                assert again is old
        with indexes.use() as new:
            assert new.as_of == later
        with pytest.raises(Error, match="no finished scan 'x'"), indexes.use("x"):
            pass
    finally:
        indexes.close()


def test_an_index_that_is_let_go_while_it_is_used_still_answers(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(60, made.AS_OF, 1))
    indexes = Indexes(project, look=0)
    with indexes.use() as index:
        indexes.close()
        assert page(index, Filters(text="n1")).total > 0


def test_damage_seen_by_a_question_is_mended_by_the_next(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(3000, made.AS_OF, 1))
    indexes = Indexes(project, look=0)
    try:
        with indexes.use() as index:
            total = page(index, Filters()).total
            index._damaged()
        with indexes.use() as index:
            assert page(index, Filters()).total == total
    finally:
        indexes.close()


def test_many_threads_ask_at_once(tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(500, made.AS_OF, 1))
    indexes = Indexes(project)
    totals: list[int] = []

    def ask(n: int) -> None:
        with indexes.use() as index:
            totals.extend(
                page(index, Filters(text=f"n{n % 3}", page=p, size=5)).total for p in range(1, 6)
            )

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    indexes.close()
    assert len(totals) == 60
    assert len(set(totals)) <= 3
