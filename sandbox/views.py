"""Print the state of a sandbox as plain text: aligned, without colour, so that it can be piped."""

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("name", "kind", "region", "status", "nodes", "endpoint")


def status(answer: Mapping[str, Any]) -> str:
    """Return the whole state: AWS, clusters, load balancers."""
    lines = [f"running since {answer['since']}", f"AWS at {answer['front']}", "", clusters(answer["clusters"])]
    if answer["failing"]:
        lines += ["", table([("region", "fails", "how"), *(_failing(each) for each in answer["failing"])])]
    if answer["addresses"]:
        pairs = [("load balancer", "address"), *answer["addresses"].items()]
        lines += ["", table(pairs)]
    return "\n".join(lines)


def _failing(each: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(each["region"]), "all APIs" if each["api"] == "*" else str(each["api"]), str(each["how"])


def clusters(found: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of clusters, with the reasons of failed ones below it."""
    if not found:
        return "no clusters"
    rows = [tuple(str(cluster[column]) for column in COLUMNS) for cluster in found]
    failures = [f"{cluster['name']}: {cluster['failure']}" for cluster in found if cluster["failure"]]
    return "\n".join([table([COLUMNS, *rows]), *failures])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
