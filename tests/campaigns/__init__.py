import pytest

pytest.register_assert_rewrite("tests.campaigns.store_contract")
