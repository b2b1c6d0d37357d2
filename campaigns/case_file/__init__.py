"""One case from beginning to end: everything that is known of it, in order, for a terminal or on paper."""
