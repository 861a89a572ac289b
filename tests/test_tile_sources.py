"""Online tiles: only where the study asks, only of one host, never shifted."""

import re

import pytest
from outputs.map_sample import empty_sample

from care_map.config import read_study
from care_map.errors import InputError
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.map import write_map
from care_map.outputs.map.page import POLICY
from care_map.study_file import MapSettings
from care_map.tile_sources import SHIFTED_HOSTS, tile_faults, tile_source

KEY = "0123456789abcdef"
OWN = "https://tiles.example.org:8443/base/{z}/{x}/{y}.png?style=a"


def codes(tiles, **given):
    return [(fault.code, fault.key) for fault in tile_faults(tiles, **given)]


@pytest.mark.parametrize(
    ("tiles", "given", "origin"),
    [
        ("tianditu", {"key": KEY}, "https://t0.tianditu.gov.cn"),
        ("osm", {}, "https://tile.openstreetmap.org"),
        (OWN, {"datum": "wgs84"}, "https://tiles.example.org:8443"),
        ("http://10.0.0.7/{z}/{y}/{x}", {"datum": "cgcs2000"}, "http://10.0.0.7"),
    ],
)
def test_tiles_without_fault_come_from_one_host(tiles, given, origin):
    assert codes(tiles, **given) == []
    source = tile_source(tiles, key=given.get("key", ""))
    assert source.origin == origin
    for address in source.addresses:
        assert address.startswith(f"{origin}/")
        assert {"{x}", "{y}", "{z}"} == set(re.findall(r"\{.\}", address))


def test_tianditu_is_map_and_names_in_web_mercator():
    layers = tile_source("tianditu", key=KEY).addresses
    assert ["LAYER=vec&" in layers[0], "LAYER=cva&" in layers[1]] == [True, True]
    assert all("TILEMATRIXSET=w&" in layer and layer.endswith(f"tk={KEY}") for layer in layers)


@pytest.mark.parametrize("end", SHIFTED_HOSTS)
def test_shifted_services_are_refused_whatever_datum_is_claimed(end):
    address = f"https://webrd01.is.{end}/{{z}}/{{x}}/{{y}}.png"
    assert codes(address, datum="wgs84") == [("tiles_shifted", "tiles")]
    assert codes(f"https://not{end}/{{z}}/{{x}}/{{y}}", datum="wgs84") == []


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_datum_is_refused(datum):
    for tiles in ("osm", OWN):
        assert codes(tiles, datum=datum) == [("tiles_shifted", "datum")]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "gaode",
        "javascript:alert(1)//{z}{x}{y}",
        "https://{s}.example.org/{z}/{x}/{y}",
        "https://a.org/{z}/{x}",
        "https://a.org/{z}/{x}/{y}/{key}",
        "https://a.org;script-src */{z}/{x}/{y}",
        "https://a.org 'unsafe-eval'/{z}/{x}/{y}",
        'https://a.org/{z}/{x}/{y}"><script>',
        "https://user:word@a.org/{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}",
        "file:///c/{z}/{x}/{y}",
        "https://a.org/{z}/{x}/{y}\n",
    ],
)
def test_what_is_no_address_is_refused(address):
    assert codes(address, datum="wgs84") == [("tiles_address", "tiles")]


def test_key_and_datum_must_be_given():
    assert codes("tianditu") == [("tiles_key_missing", "key")]
    assert codes("tianditu", key="a&b<script>") == [("tiles_key", "key")]
    assert codes(OWN) == [("tiles_datum_missing", "datum")]


def test_a_study_tells_its_tiles_faults(tmp_path):
    file = tmp_path / "study.toml"
    tiles = 'tiles = "https://wprd01.is.autonavi.com/{z}/{x}/{y}"\ndatum = "wgs84"'
    file.write_text(f'[study]\nname = "a"\n[map]\n{tiles}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("tiles_shifted", "map.tiles")
    for language in LANGUAGES:
        assert "GCJ02" in problem.message(catalogue(language))
    file.write_text('[study]\nname = "a"\n[map]\ntiles = "osm"\n', encoding="utf-8")
    assert read_study(file).map == MapSettings(tiles="osm")


def test_the_policy_names_that_host_and_no_other(tmp_path):
    write_map(empty_sample(map=MapSettings(tiles="tianditu", key=KEY)), tmp_path / "a.html")
    write_map(empty_sample(), tmp_path / "b.html")
    with_tiles, without = ((tmp_path / name).read_text("utf-8") for name in ("a.html", "b.html"))
    images = re.findall(r"img-src ([^;]+);", with_tiles)
    assert images == ["data: https://t0.tianditu.gov.cn"]
    assert re.findall(r"img-src ([^;]+);", without) == ["data:"]
    assert "img-src data:;" in POLICY
    assert '"tiles":null' in without
