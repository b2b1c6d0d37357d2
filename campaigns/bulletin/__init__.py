"""The daily bulletin and the weekly review: what became of the leads, counted, compared and printed."""
