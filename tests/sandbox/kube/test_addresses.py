import ipaddress
import json
from pathlib import Path

from sandbox.kube.addresses import Addresses


def test_every_hostname_has_its_own_loopback_address_and_keeps_it(tmp_path: Path) -> None:
    addresses = Addresses(tmp_path / "addresses.json")
    found = [addresses.allocate(f"lb-{number}.example") for number in range(300)]
    assert len(set(found)) == 300
    assert all(ipaddress.ip_address(address).is_loopback for address in found)
    assert addresses.allocate("lb-7.example") == found[7]


def test_a_released_address_is_used_again(tmp_path: Path) -> None:
    addresses = Addresses(tmp_path / "addresses.json")
    first = addresses.allocate("a.example")
    addresses.release("a.example")
    assert addresses.allocate("b.example") == first


def test_the_file_says_what_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "addresses.json"
    addresses = Addresses(path)
    address = addresses.allocate("a.example")
    assert json.loads(path.read_text()) == {"a.example": address}
