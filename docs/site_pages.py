"""Generate the reference pages of the site, and check links from pages into the code. MkDocs calls the hooks below.

Nothing generated is written to the checkout: pages are handed to MkDocs as they are made.
"""

import ast
import logging
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import federation  # noqa: E402 -- the checkout, whatever is installed
from federation.api.model.documents import Documents  # noqa: E402
from federation.api.schema.catalogue import catalogue  # noqa: E402
from federation.api.schema.config_schema import config_schema  # noqa: E402
from federation.api.schema.document_schema import document_schema  # noqa: E402

LOG: Final = logging.getLogger("mkdocs.hooks.site_pages")
LINK: Final = re.compile(r"\[(?P<text>[^\]\[]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)]*)?\)")
NAME: Final = re.compile(r"`([A-Za-z_][A-Za-z_0-9.]*)`\Z")
WIDTH: Final = 80
PUBLISHED: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "sandbox/README.md": "sandbox-facts.md",
}
"""Pages of the site that stand outside of ``docs/``, and their place in it."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every decision into the navigation, in order."""
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    index = (ROOT / "docs" / "decisions" / "index.md").read_text(encoding="utf-8")
    for record in records:
        if f"({record.name})" not in index:
            LOG.warning("docs/decisions/index.md has no link to %s", record.name)
    pages = ["decisions/index.md", *(f"decisions/{record.name}" for record in records)]
    for section in config.nav or ():
        for entry in section.get("Explanation", ()) if isinstance(section, dict) else ():
            if isinstance(entry, dict) and "Decisions" in entry:
                entry["Decisions"] = pages
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the reference pages."""
    made = {"commands": _commands(), "documents": _documents(), "config": _config(), "api": _api()}
    for name, text in made.items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    for path, name in PUBLISHED.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to pages of the site, turn those into the code into text, and warn of those that lead nowhere."""
    uri = page.file.src_uri
    source = next((path for path, name in PUBLISHED.items() if name == uri), f"docs/{uri}")

    def replaced(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), match["target"]))
        name = PUBLISHED.get(path, path.removeprefix("docs/"))
        if (path in PUBLISHED or path.startswith("docs/")) and files.get_file_from_path(name):
            target = posixpath.relpath(name, posixpath.dirname(uri) or ".")
            return f"[{match['text']}]({target}{match['anchor'] or ''})"
        if not (ROOT / path).exists():
            LOG.warning("%s links to %s, which does not exist", source, path)
        elif missing := _missing_name(ROOT / path, match["text"]):
            LOG.warning("%s links to %s in %s, which does not define it", source, missing, path)
        text = match["text"]
        return f"[{text}]({config.repo_url.rstrip('/')}/blob/main/{path})" if config.repo_url else text

    return LINK.sub(replaced, markdown)


def _missing_name(path: Path, text: str) -> str:
    """The name in ``text`` that the module at ``path`` does not define; "" where it does, or names none."""
    found = NAME.match(text)
    if found is None or path.suffix != ".py" or found[1] in (path.name, path.stem) or path.stem == "__init__":
        return ""
    return "" if found[1] in set(_defined(ast.parse(path.read_text(encoding="utf-8")))) else found[1]


def _defined(tree: ast.AST, before: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{before}{node.name}"
            yield from _defined(node, f"{before}{node.name}.")


def _commands() -> str:
    from fed.main import app

    lines = ["# Commands", "", "The output of `fed --help`, and of `--help` after each command.", ""]
    for name, text in _helps(typer.main.get_command(app), "fed"):
        lines += [f"## {name}", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(lines)


def _helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    if name == "fed sandbox":  # it hands its options over, and has a page of its own
        return
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, max_content_width=WIDTH)
    context.terminal_width = WIDTH
    yield name, command.get_help(context)
    for each, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _helps(inner, f"{name} {each}", context)


def _documents() -> str:
    kinds = catalogue(Documents())
    schema = document_schema(kinds)
    intro = [
        "# Documents",
        "",
        "What `fed schema` says of every document. `fed schema --out schema.json` writes it for an editor;",
        "it then knows the types of your own documents too. `fed types` lists all federated kinds.",
        "",
        "## Federated kinds that are built in",
        "",
        "| kind | stands for | scope |",
        "|---|---|---|",
        *(
            f"| `{each.federated_kind}` | {each.target.kind} ({each.target.api_version}) "
            f"| {'namespaced' if each.target.namespaced else 'cluster'} |"
            for each in kinds
        ),
        "",
    ]
    shown = {name: part for name, part in schema["$defs"].items() if "properties" in part and "allOf" not in part}
    return "\n".join([*intro, *_definitions(shown)])


def _config() -> str:
    schema = config_schema()
    keys = schema["properties"]["config"]["properties"]
    intro = [
        "# Config of a stack",
        "",
        "What `fed schema --stack-config` says of `Pulumi.<stack>.yaml`. `Pulumi.yaml` describes each key in words.",
        "",
        "| key under `config:` | type |",
        "|---|---|",
        *(f"| `{key}` | {_type(part)} |" for key, part in keys.items()),
        "",
    ]
    return "\n".join([*intro, *_definitions(schema["$defs"])])


def _definitions(definitions: Mapping[str, Any]) -> Iterator[str]:
    for name, part in definitions.items():
        yield from (f"## {name}", "", str(part.get("description", "")).replace("``", "`"), "")
        yield from ("| key | type | default | meaning |", "|---|---|---|---|")
        for key, value in part.get("properties", {}).items():
            needed = "required" if key in part.get("required", ()) else _default(value)
            meaning = str(value.get("description", "")).replace("|", "&#124;")
            yield f"| `{key}` | {_type(value)} | {needed} | {meaning} |"
        yield ""


def _default(part: Mapping[str, Any]) -> str:
    default = part.get("default")
    return "" if default in (None, "", [], {}) or isinstance(default, dict) else f"`{default}`".replace("True", "true")


def _type(part: Mapping[str, Any]) -> str:
    """The type of a value in words; null is left out, since any key may be empty."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"] if each is not None)
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(each) for each in part["anyOf"] if each.get("type") != "null"))
    types = part.get("type", "anything")
    names = [each for each in ([types] if isinstance(types, str) else types) if each != "null"]
    if names == ["array"]:
        return f"list of {_type(part.get('items', {}))}"
    if names == ["object"] and isinstance(part.get("additionalProperties"), dict):
        return f"mapping to {_type(part['additionalProperties'])}"
    return " or ".join(names)


def _api() -> str:
    lines = ["# Python API", "", "Everything that `from federation import ...` has.", ""]
    for name in sorted(federation.__all__):
        lines += [f"::: federation.{name}", ""]
    return "\n".join(lines)
