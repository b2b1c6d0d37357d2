"""Simulated people on real phones."""
