"""Tune Python's garbage collector for a process that plans."""

import gc

__all__ = ["spare_collections"]


def spare_collections() -> None:
    """Collect cycles rarely: a plan is a large tree without any, and collecting takes a third of the time."""
    gc.set_threshold(200_000, 50, 1_000)
