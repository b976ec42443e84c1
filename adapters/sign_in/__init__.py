"""Providers that say who somebody is, over HTTP. authlib speaks OAuth 2 here and nowhere else."""
