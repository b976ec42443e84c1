"""How the locked process says what is wrong with a file. It shares codes with the domain and imports none of it."""


class Fault(Exception):
    """The file is refused; `code` is that of a kind of `UnusableAudio`, or `TOO_LONG`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


TOO_LONG = "AUDIO_TOO_LONG"
NOT_AUDIO = "NOT_AUDIO"
PLAYLIST = "AUDIO_IS_A_PLAYLIST"
POLYGLOT = "AUDIO_IS_SOMETHING_ELSE_TOO"
DAMAGED = "AUDIO_DAMAGED"
BOMB = "AUDIO_DECOMPRESSION_BOMB"
LYING = "AUDIO_HEADER_LIES"
