"""Recognise base64, the way in which Kubernetes' documents carry bytes. Line breaks in it are allowed."""

import base64
import binascii

__all__ = ["is_base64"]


def is_base64(text: str) -> bool:
    """Whether an API server can decode ``text``."""
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
