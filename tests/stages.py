"""The stages of an assessment one by one: who asks for the first does not pay for the others."""

from functools import cached_property

import geopandas as gpd
import pandas as pd

from care_map.access import access_table
from care_map.accessibility.coverage import coverage_by_unit
from care_map.capacity_stage import CapacityTables, capacity_tables
from care_map.config import Study
from care_map.full_gaps import with_full_gaps
from care_map.gap_places import Surroundings
from care_map.gap_table import GapTables, gap_tables
from care_map.inputs.load import load_inputs
from care_map.inputs.scenario_lists import changed_inputs
from care_map.schema import ACCESS
from care_map.search_points import make_search
from care_map.study_network import read_ground


class Stages:
    """Who reaches what in a study, and the tables that follow from it where they are asked for.

    `tests/test_assessment.py` holds its tables to those of :func:`care_map.assess`, by whose
    names they are called. Paths' completeness is not among them.
    """

    def __init__(self, study: Study) -> None:
        self.study, self._ground = study, read_ground(study)
        inputs = load_inputs(study, extent=self._ground.reading.extent)
        self._inputs = changed_inputs(
            inputs, study.scenario, coarsest=study.limits.coarsest_location
        )
        self._network, _ = self._ground.network(self._inputs.crs)
        self._search = make_search(study, self._inputs, self._network)
        self._access = access_table(study, self._inputs, self._search)
        self.access = self._access[ACCESS.names]
        self.units, self.facilities = self._inputs.units, self._inputs.facilities
        self.demand = self._inputs.demand

    @cached_property
    def coverage_by_unit(self) -> pd.DataFrame:
        readings = [(one.id, v.profile) for one in self.study.circles for v in one.variants]
        return coverage_by_unit(
            self._access,
            self._inputs.demand,
            self._inputs.units,
            name=self.study.name,
            circles=readings if self._inputs.has_demand else [],
        )

    @cached_property
    def capacity(self) -> CapacityTables:
        return capacity_tables(self.study, self._inputs, self._search, self._network)

    @property
    def capacity_by_unit(self) -> pd.DataFrame:
        return self.capacity.by_unit

    @property
    def capacity_by_facility(self) -> pd.DataFrame:
        return self.capacity.by_facility

    @property
    def beds_by_unit(self) -> pd.DataFrame:
        return self.capacity.beds

    @cached_property
    def _gap_tables(self) -> GapTables:
        places = self._ground.reading.places
        near = Surroundings(self._network, places, self._inputs.crs, self.study.language)
        found = gap_tables(self.study, self._inputs, self._search, self._access, near)
        return with_full_gaps(found, self.capacity, self.study, self._inputs, self._access)

    @property
    def gaps(self) -> gpd.GeoDataFrame:
        return self._gap_tables.gaps

    @property
    def gap_reasons(self) -> pd.DataFrame:
        return self._gap_tables.reasons
