"""JSON pointers (RFC 6901): how the place of a value in a document is written."""


def escaped(key: str) -> str:
    """A key as a pointer has it.

    >>> escaped("a/b"), escaped("~1")
    ('a~1b', '~01')
    """
    return key.replace("~", "~0").replace("/", "~1")


def names_in(pointer: str) -> list[str]:
    """The keys that lead to the place; none for the whole document.

    >>> names_in("/metadata/a~1b"), names_in("")
    (['metadata', 'a/b'], [])
    """
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
