"""A password hash that costs nothing; the real one takes 36 ms of a core, which is what it is for."""

import hashlib


class QuickHasher:
    """Fits `PasswordHasher`; good for nothing else."""

    async def hash(self, password: str) -> str:
        return hashlib.sha256(password.encode()).hexdigest()

    async def verify(self, hashed: str, password: str) -> bool:
        return hashed == await self.hash(password)

    def is_outdated(self, hashed: str) -> bool:
        return False
