"""The kinds of an API server."""

from sandbox.plugins.kubernetes import discovery

ANSWER = {
    "items": [
        {
            "metadata": {"name": "apps"},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced"}
                    ],
                }
            ],
        },
        {
            "metadata": {},
            "versions": [
                {
                    "version": "v1",
                    "resources": [{"resource": "nodes", "responseKind": {"kind": "Node"}, "scope": "Cluster"}],
                }
            ],
        },
    ]
}


def test_kinds_are_found_by_api_version_and_kind_with_their_paths() -> None:
    kinds = discovery.parse(ANSWER)
    assert kinds["apps/v1", "Deployment"].path("demo", "web") == "/apis/apps/v1/namespaces/demo/deployments/web"
    assert kinds["v1", "Node"].path("ignored", "a") == "/api/v1/nodes/a"


def test_names_cannot_lead_elsewhere() -> None:
    kind = discovery.parse(ANSWER)["apps/v1", "Deployment"]
    assert kind.path("demo", "../secrets/x") == "/apis/apps/v1/namespaces/demo/deployments/..%2Fsecrets%2Fx"
