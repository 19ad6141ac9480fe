"""How many calls may be under way."""

import asyncio
import time

from tahdhib.llm.pace import Pace


async def held(pace: Pace, number: int) -> int:
    """Places that can be taken at once."""
    taken = 0
    for _ in range(number):
        try:
            await asyncio.wait_for(pace.__aenter__(), 0.01)
        except TimeoutError:
            break
        taken += 1
    for _ in range(taken):
        await pace.__aexit__()
    return taken


def test_it_begins_with_all_places() -> None:
    assert asyncio.run(held(Pace(5), 9)) == 5


def test_those_under_way_together_halve_once() -> None:
    pace = Pace(64)
    began = time.monotonic()
    for _ in range(10):
        pace.turned_away(began)
    assert pace.limit == 32
    pace.turned_away(time.monotonic())
    assert pace.limit == 16


def test_a_round_of_successes_brings_one_place_back() -> None:
    pace = Pace(8)
    pace.turned_away(time.monotonic())
    for _ in range(4):
        pace.succeeded()
    assert pace.limit == 5
    for _ in range(100):
        pace.succeeded()
    assert pace.limit == 8, "never more than allowed"


def test_a_place_always_stays() -> None:
    async def through_the_floor_and_back() -> list[int]:
        pace = Pace(3)
        for _ in range(9):
            pace.fell_over()
            pace.turned_away(time.monotonic())
        await held(pace, 3)  # places that are owed are paid as they are left
        seen = [pace.limit, await held(pace, 3)]
        for _ in range(3):
            pace.succeeded()
        return [*seen, pace.limit, await held(pace, 9)]

    assert asyncio.run(through_the_floor_and_back()) == [1, 1, 3, 3]


def test_places_that_are_taken_are_paid_back_when_left() -> None:
    async def most_at_once() -> list[int]:
        pace, under_way, seen = Pace(8), 0, []

        async def call(number: int) -> None:
            nonlocal under_way
            async with pace:
                under_way += 1
                seen.append(under_way)
                began = time.monotonic()
                await asyncio.sleep(0.005)
                if number == 0:
                    pace.turned_away(began)
                under_way -= 1

        await asyncio.gather(*(call(number) for number in range(40)))
        return seen

    seen = asyncio.run(most_at_once())
    assert max(seen[:8]) == 8
    assert max(seen[16:]) == 4


def test_nobody_begins_while_the_server_wants_to_be_left_alone() -> None:
    async def waited() -> float:
        pace = Pace(2)
        pace.hold(0.05)
        started = time.monotonic()
        async with pace:
            return time.monotonic() - started

    assert asyncio.run(waited()) >= 0.05
