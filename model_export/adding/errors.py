"""Why a model was not added. The text is one sentence for the person who wanted it."""


class AddingError(Exception):
    """Nothing was added; the text says why, and what to do."""
