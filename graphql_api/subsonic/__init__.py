"""OpenSubsonic: the API that players of other makers speak, beside GraphQL and over the same services."""
