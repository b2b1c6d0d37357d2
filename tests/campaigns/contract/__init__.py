"""What every store must do, by subject; `tests.campaigns.store_contract` is the whole."""
