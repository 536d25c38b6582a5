"""Which of two forms of an answer a client would rather have, as its Accept header says (RFC 9110, 12.5.1)."""


def prefers(header: str, form: str, usual: str) -> bool:
    """Whether a client would rather have a form than the usual one: media types, of which each has its weight.

    >>> prefers("image/*, */*;q=0.8", "image/png", "application/json"), prefers("*/*", "image/png", "application/json")
    (True, False)
    """
    weights = dict(map(_weighed, header.lower().split(",")))
    return _weight(weights, form) > _weight(weights, usual)


def _weighed(part: str) -> tuple[str, float]:
    """A range of media types with its weight; what is no number weighs nothing."""
    media, *parameters = (each.strip() for each in part.split(";"))
    given = dict(each.split("=", 1) for each in parameters if "=" in each)
    try:
        return media, float(given.get("q", "1"))
    except ValueError:
        return media, 0.0


def _weight(weights: dict[str, float], media: str) -> float:
    """That of the range that names the type most closely."""
    closest = (media, f"{media.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in closest if each in weights), 0.0)
