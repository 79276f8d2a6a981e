"""Build the environment that points a program at the sandbox, and at nothing else.

The program's code does not know the sandbox: these variables are its only connection. The user's own variables that
could lead to a real account are removed.
"""

import os
import shlex
import sys
from pathlib import Path

from sandbox import clients, state
from sandbox.place import Place

REGION = "us-east-1"
KUBERNETES_PROVIDER = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}
"""What the sandbox's Kubernetes provider takes from the environment.

Its source is older than 4.29 and passes over the setting `enablePatchForce`, which the program sets; this variable does
the same. It passes over `upsertExistingObjects` as well, and always adopts what stands there.
"""
TAKEN_AWAY = (
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
)


def aws(place: Place, running: state.State) -> dict[str, str]:
    """Return the variables that point an AWS client at the sandbox, as its owner."""
    key = clients.load_credentials(place.credentials)
    return {
        "AWS_ENDPOINT_URL": running.front,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # boto3 reads no other
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }


def exports(place: Place, running: state.State, path: str | None = None) -> dict[str, str]:
    """Return every variable; `path` is the PATH to put the sandbox's programs in front of (this process's own)."""
    first = [str(place.programs), str(Path(sys.executable).parent)]
    others = (os.environ.get("PATH", os.defpath) if path is None else path).split(os.pathsep)
    return {
        **aws(place, running),
        "PULUMI_HOME": str(place.pulumi_home),
        # The state without checksum files beside it: each of hundreds of writes is cheaper, and a kill tears no pair.
        "PULUMI_BACKEND_URL": f"file://{place.backend}?metadata=skip",
        # Only this machine uses that folder: a lock whose process is not visible is stale, in a container too.
        "EKS_FEDERATION_PRIVATE_BACKEND": "true",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # A missing plugin is an error here, never a download.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        **KUBERNETES_PROVIDER,
        "PATH": os.pathsep.join([*first, *(folder for folder in others if folder not in first)]),
    }


def shell(variables: dict[str, str]) -> str:
    """Return lines for a shell's `eval`."""
    taken = f"unset {' '.join(TAKEN_AWAY)}"
    return "\n".join([taken, *(f"export {name}={shlex.quote(value)}" for name, value in variables.items())])
