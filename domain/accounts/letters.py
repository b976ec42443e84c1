"""What the platform writes to people. No text of a person's own stands in it, so that nobody can send theirs by it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from domain.kit.mail import Mail

NOT_ME = "If this was not you, you need not do anything."


@dataclass(frozen=True)
class LetterWriter:
    """`app_url` is where the links lead to; without one a letter holds the bare code."""

    app_url: str | None = None

    def verify(self, email: str, token: str) -> Mail:
        way = self._way("verify-email", token)
        return Mail(email, "Confirm your e-mail address", f"To confirm this address for Cadenza, {way}\n\n{NOT_ME}\n")

    def reset_password(self, email: str, token: str) -> Mail:
        way = self._way("reset-password", token)
        text = f"To choose a new password for Cadenza within an hour, {way}\n\n{NOT_ME} Your password stays as it is.\n"
        return Mail(email, "Choose a new password", text)

    def confirm_change(self, new_email: str, token: str) -> Mail:
        way = self._way("confirm-email", token)
        text = f"To use this address for your Cadenza account from now on, {way}\n\n{NOT_ME}\n"
        return Mail(new_email, "Confirm your new e-mail address", text)

    def change_asked(self, old_email: str) -> Mail:
        text = (
            "Somebody who is signed in to your Cadenza account asked to move it to another e-mail address. It moves "
            "when the link that was sent there is opened.\n\nIf this was not you, change your password now: that "
            "cancels it.\n"
        )
        return Mail(old_email, "Your e-mail address is about to change", text)

    def email_changed(self, old_email: str) -> Mail:
        text = "Your Cadenza account has another e-mail address now. This one is not used for it any more.\n"
        return Mail(old_email, "Your e-mail address was changed", text)

    def password_changed(self, email: str, *, keys_left: int, keys_revoked: int) -> Mail:
        text = (
            f"The password of your Cadenza account was changed.{_about_keys(keys_left, keys_revoked)}\n\n"
            "If this was not you, ask for a new password at once: that ends all sessions.\n"
        )
        return Mail(email, "Your password was changed", text)

    def second_factor_changed(self, email: str, *, is_on: bool) -> Mail:
        state = "on" if is_on else "off"
        text = (
            f"The second factor of your Cadenza account was switched {state}.\n\n"
            "If this was not you, change your password now.\n"
        )
        return Mail(email, f"Your second factor was switched {state}", text)

    def identity_linked(self, email: str, provider: str) -> Mail:
        text = (
            f"{provider} was linked with your Cadenza account: whoever signs in there as you is signed in here.\n\n"
            "If this was not you, unlink it and change your password now.\n"
        )
        return Mail(email, f"{provider} was linked with your account", text)

    def identity_unlinked(self, email: str, provider: str) -> Mail:
        text = (
            f"{provider} was unlinked from your Cadenza account and does not sign in to it any more.\n\n"
            "If this was not you, end your sessions and change your password now.\n"
        )
        return Mail(email, f"{provider} was unlinked from your account", text)

    def invitation(self, email: str, token: str) -> Mail:
        way = self._way("invitation", token)
        text = (
            "Somebody invites you to their organisation on Cadenza. To see whose it is, sign in with this address, or "
            f"make an account with it. To say yes or no within seven days, {way}\n\n"
            "If you do not know what this is about, you need not do anything.\n"
        )
        return Mail(email, "You are invited to an organisation", text)

    def organisation_deleted(self, email: str) -> Mail:
        text = (
            "An organisation that you own on Cadenza was deleted by one of its owners. Its keys do not work any more, "
            "and what it made is being removed. Your security events, or those of the other owners, name it.\n"
        )
        return Mail(email, "Your organisation was deleted", text)

    def export_ready(self, email: str, expires_at: datetime) -> Mail:
        text = (
            "What you asked for is packed: everything that Cadenza knows of you, with your files. Sign in to fetch it; "
            f"it is kept until {expires_at:%d %B %Y}.\n\n"
            "If you did not ask for it, change your password now, and end your other sessions.\n"
        )
        return Mail(email, "Your data are ready to be fetched", text)

    def deletion(self, email: str, erase_at: datetime) -> Mail:
        text = (
            f"Your Cadenza account is locked and will be erased on {erase_at:%d %B %Y}, with everything in it. "
            "To keep it, sign in before that day and restore it.\n"
        )
        return Mail(email, "Your account will be erased", text)

    def _way(self, page: str, token: str) -> str:
        if self.app_url is None:
            return f"enter this code:\n\n{token}"
        return f"open this address:\n\n{self.app_url.rstrip('/')}/{page}#{urlencode({'token': token})}"


def _about_keys(left: int, revoked: int) -> str:
    told = ""
    if revoked:
        told += f"\n\nAPI keys that were revoked with it: {revoked}."
    if left:
        told += f"\n\nAPI keys that go on working: {left}. Revoke those that you do not know."
    return told
