import pytest

from tfci.core.optional import present


@pytest.mark.parametrize("value", [0, "", False])
def test_a_value_that_is_there_comes_back_however_empty(value):
    assert present(value) is value


def test_a_broken_promise_fails():
    with pytest.raises(LookupError):
        present(None)
