"""What runs says which version it is."""

from pathlib import Path

import pytest

from restaurant.version import ROOT, _commit, _revision, version

COMMIT = "256e906a30b2d0d5ac1e0a83ad9f5d15a0b5d6c1"


def test_it_is_the_projects_with_the_commit_of_a_checkout() -> None:
    project, _, commit = version().partition("+")
    assert f'version = "{project}"' in (ROOT / "pyproject.toml").read_text()
    assert len(commit) in (0, 7)


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({"HEAD": COMMIT}, COMMIT),
        ({"HEAD": "ref: refs/heads/main", "refs/heads/main": COMMIT}, COMMIT),
        ({"HEAD": "ref: refs/heads/main", "packed-refs": f"# x\n{COMMIT} refs/heads/main"}, COMMIT),
        ({"HEAD": "ref: refs/heads/main", "packed-refs": f"{COMMIT} refs/heads/other"}, ""),
        ({"HEAD": "ref: refs/heads/main"}, ""),
        ({}, ""),
    ],
)
def test_it_reads_what_is_checked_out(files: dict[str, str], commit: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert _commit(tmp_path) == commit


def test_it_reads_what_an_image_was_built_of(tmp_path: Path) -> None:
    (tmp_path / "revision").write_text(COMMIT)
    assert _revision(tmp_path / "revision") == COMMIT
    assert _revision(tmp_path / "none") == ""
