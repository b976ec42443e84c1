"""The composition root: settings, adapters, services and the programs. Nobody imports it."""
