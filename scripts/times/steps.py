"""How many steps an epoch has."""


def steps(images: int, batch_size: int, partial_batch: str) -> float:
    """Return the steps of an epoch; ``partial_batch`` is the recipe's.

    A partial batch that is kept is a step, and one that is dropped is none. With ``wrap`` the next
    epoch fills it, so an epoch has a fraction of a step in the mean.
    """
    if partial_batch == "wrap":
        return images / batch_size
    whole, rest = divmod(images, batch_size)
    return whole + (1 if rest and partial_batch == "keep" else 0)
