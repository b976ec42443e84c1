"""What goes wrong with a provider, as the domain tells it: not believed, or not answering."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from joserfc.errors import JoseError

from adapters.sign_in.outbound import NoSuchAnswer
from domain.accounts.identity_errors import ProviderSignInRefused, SignInProviderUnavailable

log = structlog.get_logger()

DEADLINE_SECONDS = 10.0
# What a provider calls a registration that is wrong; the second one is GitHub's.
WRONG_CLIENT = frozenset({"invalid_client", "unauthorized_client", "incorrect_client_credentials"})


class Unbelievable(Exception):
    """What a provider says does not fit what was asked."""


@asynccontextmanager
async def told(display_name: str, deadline_seconds: float) -> AsyncGenerator[None, None]:
    """Raises `ProviderSignInRefused` and `SignInProviderUnavailable` for whatever fails inside."""
    try:
        async with asyncio.timeout(deadline_seconds):
            yield
    except (Unbelievable, JoseError) as error:
        raise ProviderSignInRefused(_detail(error)) from error
    except OAuthError as error:
        if error.error not in WRONG_CLIENT:
            raise ProviderSignInRefused(str(error.error)[:100]) from error
        log.error("sign_in_client_refused", provider=display_name, error=error.error)
        raise SignInProviderUnavailable(display_name, str(error.error)) from error
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, NoSuchAnswer) as error:
        raise SignInProviderUnavailable(display_name, _detail(error)) from error


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
