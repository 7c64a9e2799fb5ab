from practice.chain.prices import DAY
from practice.grid import prices

NOON = 1_780_315_200


def test_the_price_of_a_tft_moves_slowly_and_alike():
    days = [prices.tft_musd(NOON + day * DAY) for day in range(200)]
    assert days == [prices.tft_musd(NOON + day * DAY) for day in range(200)]
    assert min(days) < max(days)
    assert all(abs(today - before) <= 1 for before, today in zip(days, days[1:], strict=False))
    assert min(days) >= 8 and max(days) <= 12
