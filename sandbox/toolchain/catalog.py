"""List the tools to build, with their module versions and cache keys.

Versions stand in one go.mod per tool, because the tools' dependencies do not agree with each other. A key is a digest
of everything that determines the result: go.mod, go.sum, our own sources and the linker flags. A changed version is
built anew, and two checkouts of the same versions share one build.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MODULES = Path(__file__).parent
PULUMI_VERSION = "v3.274.1"
KUBERNETES_MINOR = (1, 34)
PROVIDER_VERSION = "4.34.2+january.2026"
"""The version that the Kubernetes provider reports: the SDK's, because the engine compares it with that one.

Build metadata does not count in comparisons of versions, and it tells the age of the source: the Go module proxy
serves one version of this module, a commit of January 2026.
"""
STRIPPED = "-s -w"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The recipe of one tool.

    `folder_name` names the folder of its go.mod. `packages` are Go packages by the name of the program made of each.
    `files` are assembled, in order, from parts of a module's own folder, by the name that the result gets. `documents`
    are JSON files of that module, by the name under which the program embeds them, each with the fields to set in it.
    `minutes` is the time of a cold build alone on two idle cores.
    """

    tool: str
    folder_name: str
    packages: Mapping[str, str] = field(default_factory=dict)
    module: str = ""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    documents: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    ldflags: str = STRIPPED
    minutes: float = 0.0

    @property
    def folder(self) -> Path:
        """The folder of the go.mod."""
        return MODULES / self.folder_name

    @property
    def key(self) -> str:
        """The name of the tool's folder in the cache."""
        digest = hashlib.sha256()
        for source in self.sources:
            digest.update(hashlib.sha256(source.read_bytes()).digest())
        parts = (self.packages.items(), self.files.items(), self.documents.items())
        digest.update(repr((self.ldflags, *(sorted(part) for part in parts))).encode())
        return f"{self.tool}-{digest.hexdigest()[:16]}"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The project's own files that determine the result, go.mod and go.sum first."""
        return (self.folder / "go.mod", self.folder / "go.sum", *sorted(self.folder.glob("*.go")))

    @property
    def products(self) -> tuple[str, ...]:
        """The names of the files that the recipe yields."""
        return (*self.packages, *self.files)


RECIPES = (
    Recipe(tool="etcd", folder_name="etcd", packages={"etcd": "go.etcd.io/etcd/server/v3"}, minutes=0.5),
    Recipe(
        tool="pulumi",
        folder_name="pulumi",
        packages={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        # The Automation API refuses an engine that does not say its version.
        ldflags=f"{STRIPPED} -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI_VERSION}",
        minutes=4,
    ),
    Recipe(
        tool="pulumi-language",
        folder_name="pulumi",
        module="github.com/pulumi/pulumi/sdk/v3",
        files={"pulumi-language-python-exec": ("python/cmd/pulumi-language-python-exec",)},
    ),
    Recipe(
        tool="pulumi-kubernetes",
        folder_name="pulumi-kubernetes",
        packages={"pulumi-resource-kubernetes": "."},
        module="github.com/pulumi/pulumi-kubernetes/provider/v4",
        documents={
            "schema.json": ("cmd/pulumi-resource-kubernetes/schema.json", {"version": PROVIDER_VERSION}),
            "terraform-mapping.json": ("cmd/pulumi-resource-kubernetes/terraform-mapping.json", {}),
        },
        ldflags=(
            f"{STRIPPED} -X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version={PROVIDER_VERSION}"
        ),
        minutes=6.5,
    ),
    Recipe(
        tool="kubernetes",
        folder_name="kubernetes",
        packages={
            name: f"k8s.io/kubernetes/cmd/{name}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        minutes=5,
    ),
    Recipe(tool="kwok", folder_name="kwok", packages={"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, minutes=1.5),
    Recipe(
        tool="kwok-stages",
        folder_name="kwok",
        module="sigs.k8s.io/kwok",
        files={
            "stages.yaml": (
                "kustomize/stage/node/fast/node-initialize.yaml",
                "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
                "kustomize/stage/pod/fast/pod-ready.yaml",
                "kustomize/stage/pod/fast/pod-complete.yaml",
                "kustomize/stage/pod/fast/pod-delete.yaml",
            )
        },
    ),
)
"""Everything that is built or taken out of a Go module."""
