"""The limit of tracebacks is one for the whole process; whoever is inside shares it, and nobody finds it changed."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Thread

import pytest

from federation.components.kubernetes.untraced import untraced


def limit() -> int | None:
    return getattr(sys, "tracebacklimit", None)


@pytest.fixture(params=[None, 7])
def before(request: pytest.FixtureRequest) -> Iterator[int | None]:
    """The limit that there is already, put back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param is not None:
            patch.setattr(sys, "tracebacklimit", request.param, raising=False)
        yield request.param


def test_the_limit_holds_inside_and_what_there_was_comes_back(before: int | None) -> None:
    assert limit() == before
    with untraced(), untraced():
        assert limit() == 1
    assert limit() == before


def test_it_comes_back_after_an_error(before: int | None) -> None:
    with pytest.raises(KeyError), untraced():
        raise KeyError
    assert limit() == before


def test_it_holds_until_the_last_thread_has_left(before: int | None) -> None:
    first, second = ExitStack(), ExitStack()
    first.enter_context(untraced())
    second.enter_context(untraced())
    first.close()
    assert limit() == 1
    second.close()
    assert limit() == before


def test_threads_do_not_get_into_each_others_way(before: int | None) -> None:
    faults: list[BaseException] = []

    def often() -> None:
        try:
            for _ in range(2000):
                with untraced():
                    sum(range(20))
        except AttributeError as error:
            faults.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [Thread(target=often) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert faults == []
    assert limit() == before
