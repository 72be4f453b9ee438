"""What the prose says exists: paths, commands, options; and every command is spoken of."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from sharedline.cli.main import command as program

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    p
    for p in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if "reference" not in p.relative_to(ROOT).parts
)
#: Where a path in the prose may begin: the checkout, the package, a folder of it, a user's folder.
_PACKAGE = ROOT / "src" / "sharedline"
_BASES = (ROOT, _PACKAGE, *(p for p in sorted(_PACKAGE.iterdir()) if p.is_dir()))
#: What commands make: named in the prose, in no checkout.
_MADE = {
    "scan-policy.json",
    "sharedline.toml",
    "owners.toml",
    "waivers.toml",
    "state.db",
    "manifest.json",
    "lake/",
}
_PATH = re.compile(r"[\w.<>*{}-]+(/[\w.<>*{}-]*)*")
_SUFFIXES = (".py", ".md", ".toml", ".sql", ".yaml", ".json", ".png", ".svg", ".html", ".txt")


def _id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def links(text: str) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.split("#")[0] for link in found if "://" not in link and not link.startswith("#")]


def paths(text: str) -> list[str]:
    """Words in backticks that are paths of the checkout: a folder's slash, or a file's ending."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    words = [w for w in re.findall(r"`([^`\n]+)`", prose) if _PATH.fullmatch(w)]
    return [w for w in words if w.endswith(("/", *_SUFFIXES)) and not w.startswith(".")]


def exists(path: str) -> bool:
    pattern = re.sub(r"<[^<>]*>|\{[^{}]*\}", "*", path.rstrip("/"))
    if any(next(base.glob(pattern), None) for base in _BASES):
        return True
    return "/" not in pattern and next(_PACKAGE.rglob(pattern), None) is not None


def commands(text: str) -> list[list[str]]:
    """The words of every call of the program, in code blocks and in backticks."""
    blocks = re.findall(r"^```(?:sh|console|bash)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    whole = (block.replace("\\\n", " ") for block in blocks)
    lines = [line for block in whole for line in block.splitlines()]
    lines += re.findall(r"`(sharedline [^`\n]+)`", text)
    found = []
    for line in lines:
        match = re.search(r"(?:^|[\s/])sharedline (.*)", line.removeprefix("$ "))
        if match and not line.lstrip().startswith("#"):
            found.append(shlex.split(match.group(1), comments=True))
    return found


def verbs() -> dict[str, click.Command]:
    context = click.Context(program)
    found = {n: program.get_command(context, n) for n in program.list_commands(context)}
    return {name: verb for name, verb in found.items() if verb is not None}


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_somewhere(page: Path) -> None:
    dead = [x for x in links(_text(page)) if x and not (page.parent / x).exists()]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_paths_exist(page: Path) -> None:
    dead = [p for p in paths(_text(page)) if p not in _MADE and not exists(p)]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_commands_and_their_options_exist(page: Path) -> None:
    known = verbs()
    wrong = []
    for words in commands(_text(page)):
        verb = known.get(words[0])
        if verb is None:
            if not words[0].startswith("-"):
                wrong.append(" ".join(words))
            continue
        for word in words[1:]:  # groups stand within groups: comply artifact list
            if verb is None or not isinstance(verb, click.Group):
                break
            verb = verb.get_command(click.Context(verb), word)
        if verb is None:
            wrong.append(" ".join(words))
            continue
        options = {o for p in verb.params for o in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
        wrong += [
            f"{' '.join(words)}: {w}"
            for w in words
            if re.match(r"--[a-z]", w) and w.split("=")[0] not in options
        ]
    assert wrong == []


def test_every_command_is_documented() -> None:
    prose = "\n".join(_text(page) for page in PAGES)
    spoken = {words[0] for words in commands(prose)}
    spoken |= set(re.findall(r"`([a-z-]+)`", prose))
    assert sorted(set(verbs()) - spoken) == []


def test_the_reader_of_prose_reads() -> None:
    text = "`src/x.py` [a](docs/b.md#c) `s3:Get`\n"
    text += "```sh\n.venv/bin/sharedline scan \\\n --org  # x\n```\n"
    assert paths(text) == ["src/x.py"]
    assert links(text) == ["docs/b.md"]
    assert commands(text) == [["scan", "--org"]]
    assert exists("tests/")
    assert exists("checks/<area>/<state>.sql")
    assert not exists("tests/no_such_file.py")
