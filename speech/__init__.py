"""Voice to text, text to voice, and what was meant."""
