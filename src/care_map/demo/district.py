"""The whole demonstration study, written into a folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from care_map.demo.borders import border_hamlets
from care_map.demo.candidates import idle_property
from care_map.demo.country_roads import draw_country
from care_map.demo.drawing import Drawing
from care_map.demo.elders import make_elders
from care_map.demo.facilities import facility_cards, service_table, write_cards
from care_map.demo.facility_plan import plan_facilities
from care_map.demo.frontage import make_frontage
from care_map.demo.gaps import gap_table
from care_map.demo.lines import draw_lines
from care_map.demo.notice import write_notice
from care_map.demo.osm_file import draw_place_names, write_roads
from care_map.demo.settlements import Settlement, plan_settlements
from care_map.demo.study_file import readme_text, study_text
from care_map.demo.terrain import Terrain, make_terrain, write_dem
from care_map.demo.town_grid import draw_town
from care_map.demo.units import Units, make_units, write_units
from care_map.messages import Language, catalogue

__all__ = ["write_demo"]

_SEED = 20210630


@dataclass(frozen=True, slots=True)
class _District:
    """All that is written, as it was invented."""

    terrain: Terrain
    settlements: list[Settlement]
    units: Units
    drawing: Drawing
    cards: pd.DataFrame
    services: pd.DataFrame
    candidates: pd.DataFrame
    elders: pd.DataFrame
    stations: dict[str, str]


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
    """
    texts = catalogue(language)
    made = _make(seed)
    for part in ("boundaries", "facilities"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_units(made.units, folder / "boundaries" / "units.gpkg")
    write_cards(made.cards, folder / "facilities" / "facilities.xlsx")
    _write_csv(made.services, folder / "facilities" / "services.csv")
    _write_csv(made.candidates, folder / "candidates.csv")
    _write_csv(made.elders, folder / "elders.csv")
    write_roads(made.drawing, folder / "roads.osm.pbf")
    write_dem(made.terrain, folder / "dem.tif")
    gaps = gap_table(made.units, made.settlements, made.stations, texts)
    _write_csv(gaps, folder / "planted_gaps.csv")
    write_notice(folder)
    counts = {
        "units": len(made.units.table),
        "facilities": len(made.cards),
        "candidates": len(made.candidates),
        "elders": len(made.elders),
    }
    _write_text(readme_text(texts, seed=seed, counts=counts), folder / "README.md")
    study = folder / "study.toml"
    _write_text(study_text(texts), study)
    return study


def _make(seed: int) -> _District:
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
    ids = cards["facility_id"].astype(str)
    return _District(
        terrain=terrain,
        settlements=settlements,
        units=units,
        drawing=drawing,
        cards=cards,
        services=service_table(_rng(seed, "services"), cards, planned),
        candidates=idle_property(_rng(seed, "candidates"), units, settlements, frontage, planned),
        elders=make_elders(_rng(seed, "elders"), units, settlements, frontage, hamlets=hamlets),
        stations={one.site: name for one, name in zip(planned, ids, strict=True) if one.site},
    )


def _rng(seed: int, part: str) -> np.random.Generator:
    """Return a generator of one part's own, so that a change in one part leaves the others."""
    return np.random.default_rng([seed, *part.encode()])


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
