"""How numbers are said, wherever a person reads them."""


def many(number: int, noun: str, plural: str | None = None) -> str:
    """Return how many there are, as one says it of one and of several."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
