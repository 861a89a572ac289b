"""Online tiles under the map: whose they are, from which host, and in which datum.

A map opens without a network and asks nobody for anything, unless its study names tiles. They
must lie where the data lies: services that are shifted against WGS84, as GCJ-02 and BD-09 are by
half a kilometre and more, are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from care_map.values import Datum

__all__ = ["SHIFTED_HOSTS", "TileFault", "TileSource", "tile_faults", "tile_source"]

SHIFTED_HOSTS = {
    "amap.com": "gcj02",
    "autonavi.com": "gcj02",
    "google.cn": "gcj02",
    "gtimg.com": "gcj02",
    "qq.com": "gcj02",
    "baidu.com": "bd09",
    "bdimg.com": "bd09",
    "bdstatic.com": "bd09",
}
"""Map services whose tiles of China are known to be shifted, by the end of their hosts' names."""

_TIANDITU = "https://t0.tianditu.gov.cn"
_OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
# What is written into the page and its policy: nothing that could end either.
_ADDRESS = re.compile(
    r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?/([\w.~%/?&=:@+-]|\{[xyz]\})*", re.ASCII
)
_KEY = re.compile(r"[A-Za-z0-9]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TileSource:
    """Tiles that a page may load.

    Parameters
    ----------
    addresses
        One or more layers, the lowest first, with ``{z}``, ``{x}`` and ``{y}``.
    attribution
        Whose they are.
    max_zoom
        The closest zoom that the service has; beyond it tiles are enlarged.
    """

    addresses: tuple[str, ...]
    attribution: str
    max_zoom: int

    @property
    def origin(self) -> str:
        """The one host that the page may ask for images, with its scheme and port.

        Examples
        --------
        >>> tile_source("osm").origin
        'https://tile.openstreetmap.org'
        """
        parts = urlsplit(self.addresses[0])
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class TileFault:
    """What is wrong with tiles that a study names: a code, the key it is at, its value."""

    code: str
    key: str
    value: str | None = None
    datum: str = ""


def tile_source(tiles: str, *, key: str = "", attribution: str = "") -> TileSource:
    """Return the source of tiles that a study names without fault.

    Parameters
    ----------
    tiles
        ``"tianditu"``, ``"osm"`` or an address with ``{z}``, ``{x}`` and ``{y}``.
    key
        Key of an account with Tianditu.
    attribution
        Whose the tiles of an address are; its host without one.

    Returns
    -------
    TileSource
    """
    if tiles == "tianditu":
        layers = tuple(_tianditu(layer, key) for layer in ("vec", "cva"))
        return TileSource(layers, attribution or "© 天地图 Tianditu", 18)
    if tiles == "osm":
        return TileSource((_OSM,), attribution or "© OpenStreetMap contributors", 19)
    return TileSource((tiles,), attribution or f"© {urlsplit(tiles).hostname}", 19)


def _tianditu(layer: str, key: str) -> str:
    return (
        f"{_TIANDITU}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
        f"&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}"
        f"&TILECOL={{x}}&tk={key}"
    )


def tile_faults(tiles: str, *, key: str = "", datum: Datum | None = None) -> Iterator[TileFault]:
    """Find what is wrong with tiles that a study names.

    Parameters
    ----------
    tiles, key
        As in :func:`tile_source`.
    datum
        Datum of the tiles of an address, None where it is not stated.

    Yields
    ------
    TileFault
    """
    if datum in {"gcj02", "bd09"}:
        yield TileFault("tiles_shifted", "datum", datum, datum)
    if tiles == "tianditu":
        if not key:
            yield TileFault("tiles_key_missing", "key")
        elif not _KEY.fullmatch(key):
            yield TileFault("tiles_key", "key")
    elif tiles != "osm":
        yield from _address_faults(tiles, datum)


def _address_faults(address: str, datum: Datum | None) -> Iterator[TileFault]:
    known = all(f"{{{axis}}}" in address for axis in "xyz")
    if not known or not _ADDRESS.fullmatch(address):
        yield TileFault("tiles_address", "tiles", address[:200])
        return
    host = urlsplit(address).hostname or ""
    for end, shifted in SHIFTED_HOSTS.items():
        if host == end or host.endswith(f".{end}"):
            yield TileFault("tiles_shifted", "tiles", host, shifted)
    if datum is None:
        yield TileFault("tiles_datum_missing", "datum")
