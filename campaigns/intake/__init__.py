"""Leads in: files, JSON, cells and headings as people write them, checked row by row."""
