"""Calls: lines, a conversation, escalation and the floor."""
