"""Numbers in sentences."""


def percent(share: float) -> str:
    """A share as people say it; what is not quite all is not said to be all.

    >>> percent(0.968), percent(1.0), percent(0.9996), percent(0.9999999)
    ('97 %', '100 %', '99.96 %', 'over 99.99 %')
    """
    rounded = f"{100 * share:.0f}"
    if rounded != "100" or share >= 1:
        return f"{rounded} %"
    return "over 99.99 %" if share > 0.9999 else f"{100 * share:.4g} %"


def number(value: float) -> str:
    """Two digits, or a whole number with its thousands.

    >>> number(0.000123), number(1234567.0), number(4.26), number(1.3e16)
    ('0.00012', '1,200,000', '4.3', '1.3e+16')
    """
    rounded = float(f"{value:.2g}")
    if 10 <= abs(rounded) < 1e9:
        return f"{rounded:,.0f}"
    return f"{value:.2g}"


def fraction(ratio: float) -> str:
    """A small ratio as a fraction.

    >>> fraction(1.34e-5)
    '1/75,000'
    """
    return f"1/{number(1 / ratio)}"


def from_step(step: int) -> str:
    """How a condition that still holds began.

    >>> from_step(1200)
    'from step 1,200 on'
    """
    return f"from step {step:,} on"
