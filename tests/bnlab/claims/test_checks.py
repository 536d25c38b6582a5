"""What a check says, in words."""

import pytest

from bnlab.claims.checks import Check, in_words


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check("better", "with BN"), "'with BN' is better than the first variant"),
        (
            Check("higher", "with BN", "without BN"),
            "`test.accuracy` of 'with BN' is higher than of 'without BN' (difference)",
        ),
        (
            Check("higher", "with BN", "without BN", tuned=True),
            "`test.accuracy` of 'with BN' is higher than of 'without BN' (difference), each seed at its chosen setting",
        ),
        (
            Check("near", "SGD", series="activations.a.update_ratio", summary="rms", target=0.0447, share=0.05),
            "the root mean square of `activations.a.update_ratio` of 'SGD' is within 5 % of 0.0447",
        ),
        (
            Check("above", "with BN", series="jacobian.a.share_near_one", minus="jacobian.a.share_random"),
            "`jacobian.a.share_near_one` minus `jacobian.a.share_random` of 'with BN' is above 0",
        ),
        (
            Check("below", "small", "large", "rank.a.rank", target=3.0),
            "`rank.a.rank` of 'small', by that of 'large', is below 3",
        ),
        (
            Check("together", than="the members' mean"),
            "all members together are more accurate than the members' mean (gain)",
        ),
    ],
)
def test_a_check_says_of_which_number_it_is_and_where_that_has_to_lie(check: Check, words: str) -> None:
    assert in_words(vars(check)) == words


def test_a_check_that_an_earlier_release_kept_has_what_it_lacks_by_default() -> None:
    kept = {name: value for name, value in vars(Check("above", "with BN", target=0.5)).items() if name != "tuned"}
    assert in_words(kept) == "`test.accuracy` of 'with BN' is above 0.5"
