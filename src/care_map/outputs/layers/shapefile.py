"""Layers as shapefiles: short names, cut texts, and a list of what became of each field.

A shapefile has names of 10 bytes, texts of 254, 255 fields and 2 GB a part. Names are shortened to
ASCII words that differ, ``.cpg`` says UTF-8, texts are cut between characters and counted.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely

from care_map.outputs.layers.content import Layer
from care_map.outputs.tables import write_csv

__all__ = ["Cut", "short_names", "write_field_list", "write_shapefile"]

_NAME_BYTES = 10
_TEXT_BYTES = 254
_MOST_FIELDS = 255
_MOST_BYTES = 2**31 - 1
_RECORD_BYTES = 24
_POINT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cut:
    """What a field became in a shapefile.

    Parameters
    ----------
    layer, short, name
        The layer, its field in the file and in the tables.
    zh, en
        Titles of the field.
    kind
        What a cell holds.
    cut
        Cells that are longer than the file can hold and were cut.
    """

    layer: str
    short: str
    name: str
    zh: str
    en: str
    kind: str
    cut: int


def short_names(names: Sequence[str], circles: Sequence[str] = ()) -> list[str]:
    """Return names of at most 10 ASCII bytes that differ whatever their case.

    Parameters
    ----------
    names
        Names of fields, ASCII.
    circles
        Circles in their order: ``<circle>_`` at the head of a name becomes ``c1_``, ``c2_`` ….

    Examples
    --------
    >>> short_names(["name", "path_completeness", "care_15_rate_low"], ["care_15"])
    ['name', 'path_compl', 'c1_rat_low']
    """
    found: list[str] = []
    taken: set[str] = set()
    # The longest circle that heads a name is its circle.
    heads = sorted(enumerate(circles, start=1), key=lambda one: -len(one[1]))
    for name in names:
        given = next(
            (
                f"c{number}_{name.removeprefix(f'{circle}_')}"
                for number, circle in heads
                if name.startswith(f"{circle}_")
            ),
            name,
        )
        short = _shortened(given)
        number = 1
        while short.lower() in taken:
            number += 1
            short = f"{_shortened(given)[: _NAME_BYTES - len(str(number))]}{number}"
        taken.add(short.lower())
        found.append(short)
    return found


def _shortened(name: str) -> str:
    """Return a name whose longest words have lost their ends."""
    words = name.encode("ascii", "replace").decode().replace("?", "x").split("_")
    while sum(map(len, words)) + len(words) - 1 > _NAME_BYTES:
        longest = max(range(len(words)), key=lambda at: len(words[at]))
        if len(words[longest]) == 1:
            return "_".join(words)[:_NAME_BYTES]
        words[longest] = words[longest][:-1]
    return "_".join(words)


def write_shapefile(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    path: Path,
    *,
    circles: Sequence[str],
    day: dt.date,
) -> list[Cut] | None:
    """Write a layer as a shapefile.

    Parameters
    ----------
    frame
        The layer as :func:`care_map.outputs.layers.content.layer_frame` gives it.
    layer
        Its fields.
    path
        File ``.shp``.
    circles
        Circles, whose fields get a number.
    day
        Day that the file says it was changed on.

    Returns
    -------
    list of Cut or None
        What became of each field; None where the layer has more fields or bytes than a shapefile
        holds and was not written.
    """
    columns = layer.fields.columns
    texts = {column.name: _cut(frame[column.name]) for column in columns if _is_text(column.kind)}
    table = frame.assign(**{name: cells for name, (cells, _) in texts.items()})
    if len(columns) > _MOST_FIELDS or _size(table) > _MOST_BYTES:
        return None
    short = short_names([column.name for column in columns], circles)
    renamed = dict(zip((column.name for column in columns), short, strict=True))
    pyogrio.write_dataframe(
        table.rename(columns=renamed),
        path,
        driver="ESRI Shapefile",
        geometry_type=_SHAPES[layer.geometry_type or ""],
        use_arrow=True,
        layer_options={
            "ENCODING": "UTF-8",
            "DBF_DATE_LAST_UPDATE": day.isoformat(),
            "RESIZE": "YES",
        },
    )
    return [
        Cut(
            layer.name,
            renamed[column.name],
            column.name,
            column.zh,
            column.en,
            column.kind,
            texts[column.name][1] if column.name in texts else 0,
        )
        for column in columns
    ]


_SHAPES = {"Point": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}


def write_field_list(cuts: Sequence[Cut], path: Path) -> None:
    """Write what each field became as CSV: short name, full name, titles, kind, cells cut."""
    names = ("layer", "short", "name", "zh", "en", "kind", "cut")
    heads = ("layer", "field", "full_name", "title_zh", "title_en", "kind", "cells_cut")
    write_csv(
        pa.table(
            {
                head: [getattr(cut, name) for cut in cuts]
                for head, name in zip(heads, names, strict=True)
            }
        ),
        path,
    )


def _is_text(kind: str) -> bool:
    return kind in ("text", "list", "geometry")


def _cut(cells: pd.Series) -> tuple[pd.Series, int]:
    """Return texts of at most 254 bytes, cut between characters, and how many were cut."""
    words = pa.array(cells).dictionary_encode()
    values = words.dictionary.to_pylist()
    short = [value.encode()[:_TEXT_BYTES].decode(errors="ignore") for value in values]
    longer = pa.array([a != b for a, b in zip(values, short, strict=True)], type=pa.bool_())
    number = pc.sum(longer.take(words.indices)).as_py() or 0
    made = pa.array(short, type=pa.string()).take(words.indices)
    return pd.Series(made, index=cells.index, dtype=pd.ArrowDtype(pa.string())), int(number)


def _size(table: gpd.GeoDataFrame) -> int:
    """Return the bytes of the larger part: places, or cells at their full width."""
    points = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
    parts = len(table) * _RECORD_BYTES * 2
    width = sum(
        _TEXT_BYTES if str(kind).startswith("string") else _RECORD_BYTES
        for kind in table.drop(columns=table.geometry.name).dtypes
    )
    return max(points * _POINT_BYTES + parts, len(table) * width)
