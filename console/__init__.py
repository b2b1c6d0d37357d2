"""The desk and the API: what people and neighbouring systems see of a running node."""
