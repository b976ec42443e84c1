"""Mail put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.mail.documents import MailDocument
from domain.mail.service import MailOutbox
from domain.mail.services.personal_data import MailPersonalData
from domain.mail.store import MailStore


def build(kit: Kit) -> Sequence[object]:
    identity, store = kit.identity, MailStore()
    outbox = MailOutbox(store, identity.mailer, identity.box, identity.mail_meter, kit.clock)
    return [outbox, MailPersonalData(store)]


AREA = Area(name="mail", documents=[MailDocument], build=build, personal=MailPersonalData)
