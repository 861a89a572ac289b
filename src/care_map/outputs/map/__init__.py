"""The map page: one HTML file that opens without a network."""

from care_map.outputs.map.page import StudyMap, write_map

__all__ = ["StudyMap", "write_map"]
