"""What the tests have covered, from the data of `coverage combine`: in all, and the modules that they cover least."""

import os

from coverage import Coverage

BAR = 90.0  # percent of a module's statements under which it is named


def main() -> None:
    """Print it."""
    measured = Coverage()
    measured.load()
    print(summary(shares(measured), BAR))


def shares(measured: Coverage) -> dict[str, tuple[int, int]]:
    """Of each module how many of its statements ran, and how many it has."""
    found = {}
    for path in measured.get_data().measured_files():
        _, statements, _, missing, _ = measured.analysis2(path)
        found[os.path.relpath(path)] = len(statements) - len(missing), len(statements)
    return found


def summary(shares: dict[str, tuple[int, int]], bar: float) -> str:
    """One line for all modules, and one for each that is below the bar, the least first.

    >>> print(summary({"a.py": (1, 4), "b.py": (9, 10), "c.py": (6, 6)}, 90))
    coverage: 80.0 % of 20 statements, 1 of 3 modules below 90 %
      25 % of    4: a.py
    """
    ran, all_of_them = (sum(numbers) for numbers in zip(*shares.values(), strict=True))
    below = sorted(
        (100 * part / whole, whole, path) for path, (part, whole) in shares.items() if 100 * part < bar * whole
    )
    head = f"coverage: {100 * ran / all_of_them:.1f} % of {all_of_them:,} statements"
    lines = [f"{head}, {len(below)} of {len(shares)} modules below {bar:.0f} %"]
    return "\n".join([*lines, *(f"{share:4.0f} % of {whole:4}: {path}" for share, whole, path in below)])


if __name__ == "__main__":
    main()
