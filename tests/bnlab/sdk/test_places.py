"""Places of a document in words."""

import pytest

from bnlab.sdk.places import place_in_words


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("/training/optimizer/learning_rate", "learning rate"),
        ("/training/optimizer/epsilon", "optimizer epsilon"),
        ("/batch_norm/epsilon", "batch norm epsilon"),
        ("/batch_norm", "batch norm"),
        ("/architecture/init/std", "initialization sd"),
        ("/architecture/layers/3/batch_norm", "layer 3 batch norm"),
        ("/training/schedule/warmup_steps", "schedule warmup steps"),
        ("/architecture", "network"),
        ("/initial", "starts from"),
        ("/training", "training"),
        ("/metadata/who~1when", "metadata who/when"),
    ],
)
def test_a_place_is_said_in_the_words_that_tell_it_from_others(pointer: str, words: str) -> None:
    assert place_in_words(pointer) == words
