import pytest

from jobs.datasets.judging.options import Options


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"test": 0}, "test must be a share between 0 and 1, not 0"),
        ({"test": 1.5}, "test must be a share between 0 and 1, not 1.5"),
        ({"test": float("nan")}, "test must be a share between 0 and 1, not nan"),
        ({"size": 0}, "size must be from 1 to 4096 pixels, not 0"),
        ({"size": 4097}, "size must be from 1 to 4096 pixels, not 4097"),
        ({"seed": -1}, "seed must be from 0 to 2\\^63 - 1, not -1"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, int | float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Options(**options)  # type: ignore[arg-type]  # mypy does not see which is which
