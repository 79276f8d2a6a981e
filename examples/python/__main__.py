import pulumi

from federation import Federation, FederationArgs, Member

config = pulumi.Config()
members = [
    Member(name="taipei", provider="kubeconfig", context=config.require("here"), region="tw"),
    Member(name="tokyo", provider="kubeconfig", context=config.require("there"), region="jp"),
]
settings = {
    "apiVersion": "types.kubefed.io/v1beta1",
    "kind": "FederatedConfigMap",
    "metadata": {"name": "settings", "namespace": "shop"},
    "spec": {"template": {"data": {"greeting": "hello"}}, "placement": {"clusterSelector": {}}},
}
shop = Federation("shop", FederationArgs(members=members, documents=["workloads", settings]))
pulumi.export("objects", sorted(shop.objects))
