"""Report names and labels that Kubernetes or DNS refuses.

They are reported before anything is sent, for all clusters at once.
"""

import re
from typing import Final

from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["LABEL", "SERVICE", "check_dns_name", "check_dns_part", "check_label", "check_labels", "check_object_name"]

LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
SERVICE = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\Z")
LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?\Z")
LABEL_KEY = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")

WORDS: Final = "use lower-case letters, digits and '-', with a letter or digit first and last"
RBAC: Final = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"})


def check_object_name(kind: str, name: str, report: Report, path: PathKey) -> None:
    """Report a name that an object of ``kind`` cannot have."""
    if kind in RBAC:
        if "/" in name or "%" in name or name in (".", ".."):
            report.error(path, f"{report.quoted(name)} is not a name for a {kind}", "leave out '/' and '%'")
    elif kind == "Service":
        _check(SERVICE, 63, name, report, path, f"{WORDS}, a letter first, at most 63 characters")
    elif kind == "Namespace":
        check_label(name, report, path)
    else:
        limit = 52 if kind == "CronJob" else 253
        _check(SUBDOMAIN, limit, name, report, path, f"{WORDS} ('.' may join parts), at most {limit} characters")


def check_label(name: str, report: Report, path: PathKey) -> None:
    """Report a name that is not a DNS-1123 label, as namespaces, members and parts of DNS names need it."""
    _check(LABEL, 63, name, report, path, f"{WORDS}, at most 63 characters")


def check_dns_name(name: str, report: Report, path: PathKey) -> None:
    """Report a name that is not a DNS name (one trailing dot is allowed)."""
    bare = name.removesuffix(".").removeprefix("*.")
    parts = bare.split(".")
    if not SUBDOMAIN.match(bare) or len(bare) > 253 or any(len(part) > 63 for part in parts):
        remedy = "write a name such as fed.example.com: lower-case letters, digits and '-', parts of at most 63"
        report.error(path, f"{report.quoted(name)} is not a DNS name", remedy)


def check_dns_part(name: str, report: Report, path: PathKey) -> None:
    """Report a name that cannot be one part of a DNS name, as regions and zones are in this project's records."""
    if not LABEL.match(name):
        report.error(path, f"{report.quoted(name)} cannot be a part of a DNS name", f"{WORDS}, at most 63 characters")


def _check(pattern: re.Pattern[str], limit: int, name: str, report: Report, path: PathKey, remedy: str) -> None:
    if not pattern.match(name) or len(name) > limit:
        report.error(path, f"{report.quoted(name)} is not a name that Kubernetes takes", remedy)


def check_labels(labels: dict[str, str], report: Report, path: PathKey) -> None:
    """Report label keys and values that Kubernetes refuses."""
    for key, value in labels.items():
        if not LABEL_KEY.match(key) or len(key.rpartition("/")[2]) > 63 or len(key) > 317:
            remedy = "write [prefix/]name: letters, digits, '-', '_' and '.', the name at most 63"
            report.error((*path, key), "is not a key that a label can have", remedy)
        if not LABEL_VALUE.match(value) or len(value) > 63:
            remedy = "use letters, digits, '-', '_' and '.', a letter or digit first and last, at most 63"
            report.error((*path, key), f"{report.quoted(value)} is not a value that a label can have", remedy)
