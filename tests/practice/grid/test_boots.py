"""The queue of those that are to boot."""

from practice.grid.boots import BootQueue


def test_whoever_came_up_or_went_makes_room_for_the_next():
    started, over = [], set()
    boots = BootQueue(2, lambda key: started.append(key) or True, over.__contains__)
    for key in (1, 2, 3, 4):
        boots.queue(key)
    assert started == [1, 2]
    over.add(2)
    boots.turn()
    assert started == [1, 2, 3]
    boots.turn()
    assert started == [1, 2, 3]


def test_one_that_is_dropped_never_boots():
    started, over = [], set()
    boots = BootQueue(1, lambda key: started.append(key) or True, over.__contains__)
    for key in (1, 2, 3):
        boots.queue(key)
    assert boots.drop(2) and not boots.drop(1)  # one waited, the other boots already
    over.add(1)
    boots.turn()
    assert started == [1, 3]
