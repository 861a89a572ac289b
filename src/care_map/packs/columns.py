"""Which columns a pack's conditions can name, by the list that they are of."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from care_map.schema import DEMAND, FACILITY_LIST, SERVICES_LIST, UNIT_LIST, Column
from care_map.schema.checks import ELDER_CHECKS
from care_map.schema.columns import column

__all__ = ["LISTS", "NUMBERS", "VOCABULARY_OF", "columns_of"]

NUMBERS = ("number", "integer")
"""Kinds of columns that can be summed and compared with bounds."""

VOCABULARY_OF: Mapping[str, str] = MappingProxyType(
    {
        "level": "level",
        "setting": "setting",
        "stage": "stage",
        "roles": "facility_type",
        "groups": "group",
        "needs": "service",
        "service": "service",
        "services": "service",
        "unit_kind": "unit_kind",
        "residence": "residence",
        "operator_kind": "operator_kind",
        "ownership": "ownership",
    }
)
"""Column → vocabulary of its codes."""

_UNIT_KIND = column("unit_kind", "text", "单元类型", "kind of unit")
_SERVICES = column("services", "list", "服务项目", "services")
"""Codes of the services that a facility gives, from the list of services."""

_LISTS = {
    "facilities": (*FACILITY_LIST.columns, _SERVICES),
    "units": (*UNIT_LIST.columns, _UNIT_KIND),
    "elders": (*DEMAND.columns, *ELDER_CHECKS),
    "services": SERVICES_LIST.columns,
}
LISTS = tuple(_LISTS)
"""Names of the lists."""

_PLACED = ("facilities", "elders")
"""Lists whose rows have a unit."""


@cache
def columns_of(rows: str) -> Mapping[str, Column]:
    """Return the columns that conditions on a list can name.

    Parameters
    ----------
    rows
        ``facilities``, ``units``, ``elders`` or ``services``.

    Returns
    -------
    Mapping
        Name → column; ``unit.<column>`` is that of the row's unit, ``town.<column>`` that of its
        town or street, ``facility.<column>`` that of the facility that gives a service.
    """
    found = {one.name: one for one in _LISTS[rows]}
    if rows in _PLACED:
        of_unit = ("unit", "town")
        found |= {f"{part}.{one.name}": one for part in of_unit for one in _LISTS["units"]}
    if rows == "services":
        found |= {f"facility.{name}": one for name, one in columns_of("facilities").items()}
    return MappingProxyType(found)
