"""E-mail: over SMTP, or into a folder."""
