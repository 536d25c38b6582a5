"""A tree of errors, as a docstring draws it and as its classes are; each error is a pair of its parent and its name."""


def drawn(docstring: str, root: type[Exception]) -> set[tuple[str, str]]:
    """What the docstring draws below its root, a line an error and four characters a generation.

    >>> sorted(drawn('''
    ... Exception
    ... ├── OSError         what the system refuses
    ... │   └── TimeoutError    what takes too long
    ... └── ValueError      a value that makes no sense
    ... ''', Exception))
    [('Exception', 'OSError'), ('Exception', 'ValueError'), ('OSError', 'TimeoutError')]
    """
    found, ancestors = set(), [root.__name__]
    for line in docstring.splitlines():
        before, branch, after = line.partition("── ")
        if branch:
            name, generation = after.split()[0], 1 + len(before) // 4
            ancestors[generation:] = [name]
            found.add((ancestors[generation - 1], name))
    return found


def defined(root: type[Exception]) -> set[tuple[str, str]]:
    """The root's descendants of its own module."""
    children = [child for child in root.__subclasses__() if child.__module__ == root.__module__]
    pairs = {(root.__name__, child.__name__) for child in children}
    return pairs.union(*map(defined, children))
