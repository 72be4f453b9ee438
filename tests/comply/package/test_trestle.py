"""A second judge: compliance-trestle reads every document and finds it valid.

Its command is in the test environment; where it is not, the tests are skipped and say so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sharedline.comply.package.build import Built

FOLDERS = {
    "catalog": "catalogs", "profile": "profiles", "component-definition": "component-definitions",
    "system-security-plan": "system-security-plans", "assessment-plan": "assessment-plans",
    "assessment-results": "assessment-results", "mapping-collection": "mapping-collections",
    "plan-of-action-and-milestones": "plan-of-action-and-milestones",
}  # fmt: skip


def trestle() -> str:
    beside = Path(sys.executable).with_name("trestle")
    found = str(beside) if beside.is_file() else shutil.which("trestle")
    if not found:
        pytest.skip("compliance-trestle is not installed: there is no command `trestle`")
    return found


def copy_in(built: Built, folder: Path) -> list[Path]:
    """The documents where trestle looks for them, with references as it follows them."""
    documents = {p.stem: p.read_text("utf-8") for p in (built.folder / "oscal").iterdir()}
    models = {name: next(iter(json.loads(text))) for name, text in documents.items()}
    made = []
    for name, text in documents.items():
        for other, model in models.items():
            place = f"trestle://{FOLDERS[model]}/{other}/{model}.json"
            for space in (" ", ""):
                text = text.replace(f'"href":{space}"{other}.json"', f'"href":"{place}"')  # noqa: PLW2901
        path = folder / FOLDERS[models[name]] / name / f"{models[name]}.json"
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
        made.append(path)
    return made


def test_trestle_finds_every_document_valid(built: Built, tmp_path: Path) -> None:
    command = trestle()
    env = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run([command, "init"], cwd=tmp_path, env=env, capture_output=True, check=True)
    made = copy_in(built, tmp_path)
    ran = subprocess.run(
        [command, "validate", "-a"], cwd=tmp_path, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for path in made:
        assert f"VALID: Model {path}" in said


def test_trestle_would_have_found_a_defect(built: Built, tmp_path: Path) -> None:
    command = trestle()
    env = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run([command, "init"], cwd=tmp_path, env=env, capture_output=True, check=True)
    plan = next(p for p in copy_in(built, tmp_path) if p.parent.name == "ssp")
    document = json.loads(plan.read_text())
    found = document["system-security-plan"]["control-implementation"]["implemented-requirements"]
    found[1]["uuid"] = found[0]["uuid"]
    plan.write_text(json.dumps(document))
    ran = subprocess.run(
        [command, "validate", "-f", str(plan)], cwd=tmp_path, env=env, capture_output=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode != 0
