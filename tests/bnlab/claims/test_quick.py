"""Claims in short."""

from typing import Any

from bnlab.claims.quick import shortened

RATE, STD = "/training/optimizer/learning_rate", "/architecture/init/std"


def experiment(**fields: Any) -> dict[str, Any]:
    grid = {STD: [0.01, 1.0], RATE: [0.1, 1.0, 10.0]}
    return {"base": {"training": {"steps": 5000, "seed": 3}}, "seeds": 8, "grid": grid, **fields}


def test_only_axes_that_are_tuned_are_cut_to_one_value() -> None:
    made = shortened(experiment(tune={"over": [RATE], "by": "validation.loss"}), None)
    assert made["grid"] == {STD: [0.01, 1.0], RATE: [1.0]}
    assert "tune" not in made
    assert made["seeds"] == 3


def test_without_tuning_the_grid_stays_whole() -> None:
    assert shortened(experiment(), None)["grid"] == experiment()["grid"]


def test_trainings_are_as_long_as_before_unless_a_length_is_given() -> None:
    assert shortened(experiment(), None)["base"] == experiment()["base"]
    assert shortened(experiment(), 600)["base"]["training"] == {"steps": 600, "seed": 3}
