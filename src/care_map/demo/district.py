"""The whole demonstration study, written into a folder."""

from pathlib import Path

import numpy as np
import pandas as pd

from care_map.demo.borders import border_hamlets
from care_map.demo.country_roads import draw_country
from care_map.demo.drawing import Drawing
from care_map.demo.elders import make_elders
from care_map.demo.facilities import facility_cards, service_table, write_cards
from care_map.demo.facility_plan import plan_facilities
from care_map.demo.frontage import make_frontage
from care_map.demo.gaps import gap_table
from care_map.demo.lines import draw_lines
from care_map.demo.osm_file import draw_place_names, write_roads
from care_map.demo.settlements import plan_settlements
from care_map.demo.study_file import readme_text, study_text
from care_map.demo.terrain import make_terrain, write_dem
from care_map.demo.town_grid import draw_town
from care_map.demo.units import make_units, write_units
from care_map.messages import Language, catalogue

__all__ = ["write_demo"]

_SEED = 20210630


def write_demo(folder: Path, *, seed: int = _SEED, language: Language = "zh") -> Path:
    """Write the synthetic demonstration study: the same bytes for the same seed.

    Parameters
    ----------
    folder
        Where to write; made if it does not exist, files of the same names are replaced.
    seed
        Seed of every random choice.
    language
        Language of the study file, its notes and the outputs; the lists are Chinese.

    Returns
    -------
    Path
        The study file, ``folder / "study.toml"``.

    Raises
    ------
    ModuleNotFoundError
        rasterio, which writes the elevation model, is not installed.
    """
    texts = catalogue(language)
    terrain = make_terrain(_rng(seed, "terrain"))
    settlements = plan_settlements(_rng(seed, "settlements"), terrain)
    units = make_units(_rng(seed, "units"), settlements)
    drawing = Drawing()
    town = draw_town(drawing, _rng(seed, "town"))
    draw_country(drawing, _rng(seed, "country"), terrain, town=town, settlements=settlements)
    beyond, hamlets = border_hamlets(drawing, _rng(seed, "borders"))
    draw_lines(drawing)
    draw_place_names(drawing, units, settlements)
    frontage = make_frontage(drawing, units)
    planned = plan_facilities(_rng(seed, "plan"), units, settlements, frontage, beyond=beyond)
    cards = facility_cards(_rng(seed, "cards"), units, settlements, planned)
    elders = make_elders(_rng(seed, "elders"), units, settlements, frontage, hamlets=hamlets)
    stations = {
        one.site: str(name)
        for one, name in zip(planned, cards["facility_id"], strict=True)
        if one.site
    }
    for part in ("boundaries", "facilities"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_units(units, folder / "boundaries" / "units.gpkg")
    write_cards(cards, folder / "facilities" / "facilities.xlsx")
    services = service_table(_rng(seed, "services"), cards, planned)
    _write_csv(services, folder / "facilities" / "services.csv")
    _write_csv(elders, folder / "elders.csv")
    write_roads(drawing, folder / "roads.osm.pbf")
    write_dem(terrain, folder / "dem.tif")
    _write_csv(gap_table(units, settlements, stations, texts), folder / "planted_gaps.csv")
    counts = {"units": len(units.table), "facilities": len(cards), "elders": len(elders)}
    note = readme_text(texts, seed=seed, counts=counts)
    (folder / "README.md").write_text(note, encoding="utf-8", newline="\n")
    study = folder / "study.toml"
    study.write_text(study_text(texts), encoding="utf-8", newline="\n")
    return study


def _rng(seed: int, part: str) -> np.random.Generator:
    """Return a generator of one part's own, so that a change in one part leaves the others."""
    return np.random.default_rng([seed, *part.encode()])


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
