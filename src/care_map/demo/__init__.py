"""The synthetic demonstration district: invented from a seed, true to no place and no person."""

from care_map.demo.district import write_demo

__all__ = ["write_demo"]
