"""What a person reads when plans cannot be built or do not hold; each is one sentence and knows the exit status."""


class PlansError(RuntimeError):
    """A graph, a plan or its results are not as they have to be."""

    status = 1


class NothingToDoError(PlansError):
    """Nothing was tried: this machine or this folder lacks what it takes."""

    status = 2
