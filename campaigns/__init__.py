"""Leads, cases, the queue and what follows an outcome."""
