"""What can go wrong with a SoundFont file."""


class SoundFontError(Exception):
    """The file is not a usable SoundFont, or lacks something that was asked for."""


class MissingPresetError(SoundFontError):
    """The source font has no preset under some of the wanted (bank, program) addresses."""

    def __init__(self, missing: list[tuple[int, int]]) -> None:
        self.missing = missing
        listed = ", ".join(f"bank {bank} program {program}" for bank, program in missing)
        super().__init__(f"the source SoundFont has no preset at {listed}")
