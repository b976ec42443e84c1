"""Credits: a double-entry ledger, wallets, plans, packs and the price book."""
