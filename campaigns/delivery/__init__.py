"""What is ordered beside the telephone, carried to whoever carries it out, and the answers brought back."""
