"""List the commands of ``fed`` by what they are for, each with one whole sentence.

The module imports nothing, so that `fed --help` prints at once.
"""

from typing import Final

__all__ = ["GROUPS", "text"]

GROUPS: Final = (
    (
        "Look",
        (
            ("validate", "List the faults in config and documents, with their remedies."),
            ("plan", "Show what each member gets, what changes there, and the DNS names."),
            ("explain", "Explain why a member gets an object or not, and how many replicas."),
            ("diff", "Show what differs between two plans or two revisions."),
            ("simulate", "Show what is left if members or regions are lost."),
            ("status", "Compare live objects and DNS with the plan."),
            ("get", "List objects of one kind in all members."),
            ("logs", "Print the logs of a workload in all members."),
            ("observe", "Record what runs in all members, for later plans."),
            ("doctor", "Check pulumi, plugins, backend, passphrase and members."),
        ),
    ),
    (
        "Change",
        (
            ("new", "Write the skeleton of an application."),
            ("up", "Update a stack, after the repair of what a killed run left."),
            ("destroy", "Show what a stack has made, and remove it."),
            ("render", "Write a folder for each member and a file for each object."),
            ("kubeconfig", "Print one kubeconfig with a context for every member."),
            ("types", "List the federated kinds that documents can use."),
            ("schema", "Print the JSON Schema of documents or of a stack's config."),
        ),
    ),
    (
        "Migrate",
        (
            ("federate", "Turn objects into federated documents, as kubefedctl does."),
            ("import", "Turn manifests of KubeFed or Karmada into documents."),
        ),
    ),
    ("Sandbox", (("sandbox", "Run a cloud on this machine, for trials and tests."),)),
)

_HEAD: Final = """Usage: fed COMMAND [OPTIONS]

One application on many Kubernetes clusters: see what is placed where and why,
before and after an update.
"""
_TAIL: Final = """Options:
  -h, --help            Show this message, or after a command its own.
  --version             Show the version.
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it.

Exit codes: 0 done; 1 a fault, or something is not as it should be; 2 the
command line is wrong.
"""


def text() -> str:
    """The whole overview, for 80 columns."""
    parts = [
        f"{title}:\n" + "".join(f"  {name:<12}{sentence}\n" for name, sentence in commands)
        for title, commands in GROUPS
    ]
    return "\n".join([_HEAD, *parts, _TAIL])
