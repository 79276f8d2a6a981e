from sandbox import kubeconfigs
from sandbox.kubeconfigs import Named


def member(stack: str, name: str, region: str = "eu-west-1", federation: str = "atlas") -> Named:
    return Named(name=f"{federation}-{stack}-{name}", region=region, stack=stack, member=name)


def test_a_member_goes_by_its_name_and_by_its_stack_and_name_and_any_other_cluster_by_its_own() -> None:
    contexts = kubeconfigs.contexts([member("dev", "eu"), Named(name="edge", region="local")])
    assert contexts == [["eu", "dev/eu"], ["edge"]]


def test_members_of_two_stacks_keep_the_context_with_the_stack_and_share_no_short_one() -> None:
    contexts = kubeconfigs.contexts([member("dev", "eu"), member("prod", "eu"), member("prod", "us")])
    assert contexts == [["dev/eu"], ["prod/eu"], ["us", "prod/us"]]


def test_a_cluster_of_ones_own_that_is_called_as_a_member_keeps_its_name() -> None:
    contexts = kubeconfigs.contexts([member("dev", "eu"), Named(name="eu", region="local")])
    assert contexts == [["dev/eu"], ["eu"]]


def test_members_of_two_federations_in_stacks_of_one_name_go_by_their_clusters_names() -> None:
    contexts = kubeconfigs.contexts([member("dev", "eu"), member("dev", "eu", federation="other")])
    assert contexts == [["atlas-dev-eu"], ["other-dev-eu"]]


def test_clusters_of_the_same_name_are_told_apart_by_region() -> None:
    contexts = kubeconfigs.contexts([Named(name="web", region="eu-west-1"), Named(name="web", region="us-east-1")])
    assert contexts == [["web.eu-west-1"], ["web.us-east-1"]]
