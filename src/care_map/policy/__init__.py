"""Packs and tables → verdicts of clauses, and the ledger."""
