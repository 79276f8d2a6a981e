"""Every fault names file, line, place, problem and remedy: cases are data, with the texts that people read."""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from federation.api.config.stack import federation_from_config
from federation.api.reading.loading import parse, read_mapping
from federation.errors.fault import FaultsFoundError
from tests.places import CASES

FOLDER = CASES / "faults"


def cases(*, settings: bool) -> list[Any]:
    files = sorted(path for path in FOLDER.glob("*.yaml") if (path.stem == "settings") is settings)
    loaded = [(path.stem, case) for path in files for case in yaml.safe_load(path.read_text())]
    return [pytest.param(case, id=f"{stem}: {case['case']}") for stem, case in loaded]


def messages_of(case: dict[str, Any]) -> list[str]:
    """The faults of a case's documents as they are printed; errors and warnings alike."""
    try:
        documents = parse(case["text"], case.get("file", "web.yaml"), strictness=case.get("strictness", "error"))
    except FaultsFoundError as error:
        return [str(fault) for fault in error.faults]
    return [str(warning) for warning in documents.warnings]


@pytest.mark.parametrize("case", cases(settings=False))
def test_a_faulty_document_says_where_what_and_what_to_do(case: dict[str, Any]) -> None:
    assert messages_of(case) == case["faults"]


@pytest.mark.parametrize("case", cases(settings=False))
def test_no_message_shows_a_secret(case: dict[str, Any]) -> None:
    messages = messages_of(case)
    assert messages
    assert not [line for line in messages if "PLANTED" in line or "73519904" in line]


@pytest.mark.parametrize("case", cases(settings=True))
def test_faulty_settings_say_where_what_and_what_to_do(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(case["text"])
    tree, source = read_mapping(file, root=tmp_path)
    config = cast("dict[str, Any]", tree["config"])
    parts = {key: config.get(f"eks-federation:{key}", {}) for key in ("federation", "members", "plan", "guard", "dns")}
    options = {key: parts[key] for key in ("plan", "guard", "dns")}
    with pytest.raises(FaultsFoundError) as caught:
        federation_from_config(parts["federation"], parts["members"], stack="dev", options=options, source=source)
    assert [str(fault) for fault in caught.value.faults] == case["faults"]


def test_there_are_faults_of_many_kinds() -> None:
    texts = {fault.partition(": ")[2] for param in cases(settings=False) for fault in param.values[0]["faults"]}
    assert len(texts) > 80
