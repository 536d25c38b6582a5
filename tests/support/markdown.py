"""The documents, as those who test what they say read them: blocks of code, commands, links and prose."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code."""

    page: str
    """The path of its page in the checkout."""
    line: int
    """Where it begins, counted from 1."""
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a `console` block, and what the page shows of its output: nothing, or some lines."""

    line: str
    shown: str


def pages(*patterns: str) -> tuple[str, ...]:
    """The paths of the pages that match, in the checkout."""
    return tuple(sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)))


def text_of(page: str) -> str:
    """All that a page says."""
    return (ROOT / page).read_text()


def blocks(page: str, language: str | None = None) -> tuple[Block, ...]:
    """The page's blocks, in order; only those of a language."""
    text = text_of(page)
    found = ((match, text.count("\n", 0, match.start()) + 1) for match in FENCE.finditer(text))
    return tuple(Block(page, line, match[1], match[2]) for match, line in found if language in (None, match[1]))


def commands(block: str) -> tuple[Command, ...]:
    r"""What a `console` block has one type, each with the lines below it; `> ` goes on with a line.

    >>> commands("$ one \\\n> two\nsaid\n$ three\n")
    (Command(line='one \\\ntwo', shown='said'), Command(line='three', shown=''))
    """
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line.removeprefix("$ "), ""))
        elif line.startswith("> "):
            found.append(Command(f"{found.pop().line}\n{line.removeprefix('> ')}", ""))
        else:
            last = found.pop()
            found.append(Command(last.line, f"{last.shown}\n{line}".lstrip("\n")))
    return tuple(found)


def prose(page: str) -> str:
    """What a page says outside its blocks."""
    return FENCE.sub("", text_of(page))


def links(page: str) -> tuple[str, ...]:
    """The page's links to other files, and to places in them or in itself, as they are written."""
    return tuple(link for link in LINK.findall(prose(page)) if "://" not in link)


def places(page: str) -> set[str]:
    """What a link to a place in the page may name: its headings, as GitHub spells them, and its own anchors."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    spelled = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return {*spelled, *re.findall(r'<a id="([^"]+)">', text_of(page))}
