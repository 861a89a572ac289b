"""Bad elevation: a clear error, or road without a height counted; never level in silence."""

import zipfile

import numpy as np
import pytest
import rasterio
from affine import Affine
from osm_xml import TOWN
from rasterio.enums import ColorInterp

import care_map as cm
from care_map.errors import InputError

SIDE = 80
WEST, NORTH, CELL = 9.99, 50.02, 0.0005
GROUND = np.random.default_rng(0).normal(500, 2, (SIDE, SIDE)).astype("float32")
BLOCK = slice(30, 40), slice(30, 40)
LOCAL = 'LOCAL_CS["site",UNIT["metre",1]]'
HGT = np.full((1201, 1201), 500, dtype=">i2")


@pytest.fixture
def roads(tmp_path):
    file = tmp_path / "town.osm"
    file.write_bytes(TOWN)
    return file


def raster(file, bands, *, crs="EPSG:4326", west=WEST, cell=CELL, **options):
    bands = np.atleast_3d(np.asarray(bands).T).T
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        dtype=bands.dtype,
        crs=crs,
        transform=Affine(cell, 0.0, west, 0.0, -cell, NORTH),
        **options,
    ) as drawn:
        drawn.write(bands)
    return file


def with_block(value, kind="float32"):
    """Return ground with a block of cells that are something else."""
    changed = GROUND.astype(kind)
    changed[BLOCK] = value
    return changed


REFUSED = {
    "no CRS": (GROUND, {"crs": None}, "elevation_without_crs"),
    "local CRS": (GROUND, {"crs": LOCAL}, "elevation_old_crs"),
    "Xian 1980": (GROUND, {"crs": "EPSG:4610"}, "elevation_old_crs"),
    "elsewhere": (GROUND, {"west": 100.0}, "elevation_elsewhere"),
    "no numbers": (GROUND * np.nan, {}, "elevation_elsewhere"),
    "higher than the Earth": (GROUND * 0 + 1e9, {}, "elevation_elsewhere"),
    "higher than numbers": (GROUND.astype("float64") * 1e300, {}, "elevation_elsewhere"),
    "one cell": (GROUND[:1, :1], {}, "elevation_elsewhere"),
    "three bands": (np.stack([GROUND] * 3), {}, "elevation_bands"),
    "a picture": (np.full((3, SIDE, SIDE), 200, "uint8"), {}, "elevation_bands"),
    "complex": (GROUND.astype("complex64"), {}, "elevation_bands"),
    "cells of no size": (GROUND, {"cell": 0.0}, "elevation_unreadable"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_elevation_that_is_refused(tmp_path, roads, name):
    bands, options, code = REFUSED[name]
    file = raster(tmp_path / "dem.tif", bands, **options)
    with pytest.raises(InputError) as raised:
        cm.read_network(roads, elevation=file)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert "dem.tif" in str(raised.value)


HOLED = {
    "part of the area": (GROUND[:, :30], {}),
    "declared": (with_block(-9999), {"nodata": -9999}),
    "not declared": (with_block(-9999), {}),
    "no numbers": (with_block(np.nan), {}),
    "infinite": (with_block(np.inf), {}),
    "void of SRTM": (with_block(-32768, "int16"), {}),
    "absurd": (with_block(1e9), {}),
}


@pytest.mark.parametrize("name", HOLED)
def test_holes_are_counted(tmp_path, roads, name):
    bands, options = HOLED[name]
    whole = cm.read_network(roads, elevation=raster(tmp_path / "whole.tif", GROUND))
    assert whole.hills.unknown_m == 0.0
    holed = cm.read_network(roads, elevation=raster(tmp_path / "dem.tif", bands, **options))
    assert 100.0 < holed.hills.unknown_m < holed.edge_length_m.sum()


def test_an_alpha_band_is_no_second_elevation(tmp_path, roads):
    opaque = np.full((SIDE, SIDE), 255, "float32")
    file = raster(tmp_path / "dem.tif", np.stack([GROUND, opaque]))
    with rasterio.open(file, "r+") as drawn:
        drawn.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    assert cm.read_network(roads, elevation=file).hills.unknown_m == 0.0


def zipped(file, name, content):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file


def test_hgt_zipped_or_not(tmp_path, roads):
    plain = tmp_path / "N50E010.hgt"
    plain.write_bytes(HGT.tobytes())
    packed = zipped(tmp_path / "N50E010.hgt.zip", plain.name, HGT.tobytes())
    for file in (plain, packed):
        assert cm.read_network(roads, elevation=file).hills.unknown_m == 0.0


FILES = {
    "N50E010.hgt": bytes(1000),
    "heights.hgt": HGT.tobytes(),
    "words.tif": b"hello",
    "nothing.tif": b"",
    "noise.hgt.zip": b"PK\x03\x04garbage" * 20,
    "empty.hgt.zip": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("name", FILES)
def test_elevation_that_cannot_be_read(tmp_path, roads, name):
    file = tmp_path / name
    file.write_bytes(FILES[name])
    with pytest.raises(InputError) as raised:
        cm.read_network(roads, elevation=file)
    assert [problem.code for problem in raised.value.problems] == ["elevation_unreadable"]


def test_elevation_cut_off_and_missing(tmp_path, roads):
    whole = raster(tmp_path / "dem.tif", GROUND)
    whole.write_bytes(whole.read_bytes()[:3000])
    words = zipped(tmp_path / "words.hgt.zip", "a.txt", "hello")
    for file in (whole, tmp_path / "no.tif", tmp_path, words):
        with pytest.raises(InputError) as raised:
            cm.read_network(roads, elevation=file)
        assert [problem.code for problem in raised.value.problems] == ["elevation_unreadable"]


def test_hgt_of_voids_covers_nothing(tmp_path, roads):
    file = tmp_path / "N50E010.hgt"
    file.write_bytes(np.full_like(HGT, -32768).tobytes())
    with pytest.raises(InputError) as raised:
        cm.read_network(roads, elevation=file)
    assert [problem.code for problem in raised.value.problems] == ["elevation_elsewhere"]
