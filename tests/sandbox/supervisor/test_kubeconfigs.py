from sandbox import kubeconfigs


def test_a_context_is_called_as_its_member() -> None:
    assert kubeconfigs.context_names(["atlas-dev-eu", "edge"], ["eu", ""], ["eu-west-1", "local"]) == ["eu", "edge"]


def test_a_member_of_two_federations_is_called_as_its_cluster() -> None:
    names = kubeconfigs.context_names(["dev-eu", "prod-eu", "us"], ["eu", "eu", "us"], ["a", "a", "b"])
    assert names == ["dev-eu", "prod-eu", "us"]


def test_clusters_of_the_same_name_are_told_apart_by_region() -> None:
    assert kubeconfigs.context_names(["web", "web"], ["", ""], ["eu-west-1", "us-east-1"]) == [
        "web.eu-west-1",
        "web.us-east-1",
    ]
