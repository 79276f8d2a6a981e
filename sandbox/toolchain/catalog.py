"""What is built, from what, and under which key does it lie in the cache?

Versions stand in one go.mod a tool, because the tools' dependencies do not agree with each other. The key is a digest
of go.mod, go.sum and the linker flags: a changed version is built anew, and two checkouts of the same share one build.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MODULES = Path(__file__).parent
PULUMI_VERSION = "v3.259.0"
KUBERNETES_MINOR = (1, 34)
STRIPPED = "-s -w"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one tool comes about.

    `packages` are Go packages by the name of the program that they become; `files` are what is assembled, in order, out
    of a module's own folder, by the name that it gets; `minutes` is a rough time of a cold build on two cores.
    """

    tool: str
    packages: Mapping[str, str] = field(default_factory=dict)
    module: str = ""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ldflags: str = STRIPPED
    minutes: float = 0.0

    @property
    def folder(self) -> Path:
        """The folder of the go.mod."""
        return MODULES / self.tool.partition("-")[0]

    @property
    def key(self) -> str:
        """The name of the tool's folder in the cache."""
        digest = hashlib.sha256()
        for part in ((self.folder / "go.mod").read_bytes(), (self.folder / "go.sum").read_bytes()):
            digest.update(hashlib.sha256(part).digest())
        digest.update(repr((self.ldflags, sorted(self.packages.items()), sorted(self.files.items()))).encode())
        return f"{self.tool}-{digest.hexdigest()[:16]}"

    @property
    def products(self) -> tuple[str, ...]:
        """The names of the files that the recipe yields."""
        return (*self.packages, *self.files)


RECIPES = (
    Recipe(tool="etcd", packages={"etcd": "go.etcd.io/etcd/server/v3"}, minutes=0.5),
    Recipe(
        tool="pulumi",
        packages={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        # The Automation API refuses an engine that does not say its version.
        ldflags=f"{STRIPPED} -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI_VERSION}",
        minutes=4,
    ),
    Recipe(
        tool="pulumi-language",
        module="github.com/pulumi/pulumi/sdk/v3",
        files={"pulumi-language-python-exec": ("python/cmd/pulumi-language-python-exec",)},
    ),
    Recipe(
        tool="kubernetes",
        packages={
            name: f"k8s.io/kubernetes/cmd/{name}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        minutes=5,
    ),
    Recipe(tool="kwok", packages={"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, minutes=1.5),
    Recipe(
        tool="kwok-stages",
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
"""Everything that is built or taken out of a Go module, in the order in which it is."""
