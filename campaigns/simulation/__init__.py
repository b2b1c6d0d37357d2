"""A whole day replayed on virtual time: invented people, the real policy and the real store."""
