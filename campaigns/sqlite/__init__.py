"""The parts of the store on SQLite; `campaigns.sqlite_store` puts them together."""
