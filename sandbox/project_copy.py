"""Give Pulumi a copy of a project folder, which it may write into without git seeing it.

`stack init` and `config set` write into `Pulumi.<stack>.yaml`. So Pulumi works on a copy of the project's files, whose
`main` leads back to the checkout. The copy follows the checkout; what Pulumi itself wrote there (the salt, values that
were set in the sandbox) stays. Values encrypted for a real account's secrets provider never get into the copy.
"""

from pathlib import Path
from typing import Any

import yaml

from sandbox import private

PROJECT_FILE = "Pulumi.yaml"
ORIGINALS = ".from"
"""Folder in a copy with the checkout's files as they were when last copied."""
SECRETS_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt")


def refresh(source: Path, copy: Path) -> list[str]:
    """Bring a copy up to date with a project's folder, and return messages for its user."""
    originals = copy / ORIGINALS
    originals.mkdir(parents=True, exist_ok=True, mode=0o700)
    notes = []
    names = {path.name for path in source.glob("Pulumi.*.yaml")} | {
        path.name for path in originals.glob("Pulumi.*.yaml")
    }
    for name in sorted({*names, PROJECT_FILE}):
        ours, last, theirs = _read(source / name), _read(originals / name), _read(copy / name)
        if ours == last and theirs:
            continue
        if name == PROJECT_FILE:
            content = _redirected(ours, source)
        else:
            content, left_out = merged(ours, last, theirs)
            notes += [f"{name}: {key} is encrypted for another secrets provider and left out" for key in left_out]
        private.write(copy / name, content)
        private.write(originals / name, ours)
    return notes


def merged(ours: bytes, last: bytes, theirs: bytes) -> tuple[bytes, list[str]]:
    """Merge a stack's settings from the checkout's file, its last copied version, and the copy.

    Returns the settings, and the keys left out.

    The checkout's values win, except encrypted ones and those that were set in the sandbox and have not changed in the
    checkout since.
    """
    document, before, copied = _load(ours), _load(last), _load(theirs)
    config: dict[str, Any] = document.get("config") or {}
    old: dict[str, Any] = before.get("config") or {}
    left_out = sorted(key for key, value in config.items() if _is_encrypted(value))
    result = {key: value for key, value in config.items() if key not in left_out}
    for key, value in (copied.get("config") or {}).items():
        unchanged_here = config.get(key) == old.get(key)
        if value != old.get(key) and (unchanged_here or _is_encrypted(value)):
            result[key] = value
    kept = {key: copied[key] for key in SECRETS_KEYS if key in copied}
    others = {key: value for key, value in document.items() if key not in (*SECRETS_KEYS, "config")}
    if not kept and not left_out and result == config and not any(key in document for key in SECRETS_KEYS):
        return ours, []
    whole = {**kept, **others, **({"config": result} if result else {})}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True).encode(), left_out


def _redirected(ours: bytes, source: Path) -> bytes:
    document = _load(ours)
    document["main"] = str((source / document.get("main", ".")).resolve())
    runtime = document.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    if options and "virtualenv" in options:
        options["virtualenv"] = str(source / options["virtualenv"])
    for plugins in (document.get("plugins") or {}).values():
        for plugin in plugins:
            if "path" in plugin:
                plugin["path"] = str(source / plugin["path"])
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()


def _is_encrypted(value: Any) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(_is_encrypted(inner) for inner in value.values())
    return isinstance(value, list) and any(_is_encrypted(inner) for inner in value)


def _load(text: bytes) -> dict[str, Any]:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both are safe


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
