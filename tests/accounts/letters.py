"""What a person does with a mail: open the link in it."""

import re

from domain.kit.mail import Mail

TOKEN = re.compile(r"^[\w-]{43}$", re.MULTILINE)


def code_in(mail: Mail) -> str:
    """The code of a mail without links."""
    (found,) = TOKEN.findall(mail.text)
    return str(found)
