"""Draws of speeds, limits and detours, and what figures become over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.accessibility.coverage import UnitLevel
from care_map.values import Robustness

__all__ = ["Draws", "Tally", "make_draws"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FIRM = 0.95
_SHARES = (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))


@dataclass(frozen=True, slots=True)
class Draws:
    """Factors of each draw, ``(n,)`` each.

    Parameters
    ----------
    speed
        On walking speeds.
    snap
        On the access limit of elders.
    detour
        On detours.
    """

    speed: Floats
    snap: Floats
    detour: Floats

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.speed)


def make_draws(settings: Robustness) -> Draws:
    """Draw the factors, each uniform between its ends; more draws begin with the same ones.

    Parameters
    ----------
    settings
        How many, by which seed, between which ends.

    Examples
    --------
    >>> draws = make_draws(Robustness(draws=100, speed_low=0.9, speed_high=1.1))
    >>> len(draws), bool((draws.speed >= 0.9).all() and (draws.speed <= 1.1).all())
    (100, True)
    """
    uniform = np.random.default_rng(settings.seed).random((settings.draws, 3))
    low = np.array([settings.speed_low, settings.snap_low, settings.detour_low])
    high = np.array([settings.speed_high, settings.snap_high, settings.detour_high])
    speed, snap, detour = (low + uniform * (high - low)).T
    return Draws(speed, snap, detour)


class Tally:
    """Sums over draws: by elder's row, by unit and by gap.

    Parameters
    ----------
    elders
        ``(n,)`` of each row.
    unit_ids
        ``(n,)`` lowest unit of each row.
    levels
        What is summed to.
    gap
        ``(n,)`` number of the gap of each row, -1 for none.
    """

    def __init__(
        self,
        elders: Ints,
        unit_ids: NDArray[np.object_],
        levels: Sequence[UnitLevel],
        gap: Ints,
    ) -> None:
        unit, units = pd.factorize(unit_ids)
        self._elders, self._levels, self._gap = elders, levels, gap
        self._place = [
            level.place(list(units))[unit] if len(units) else np.zeros(0, np.int64)
            for level in levels
        ]
        self._size = [len(level.places) for level in levels]
        self._gap_elders = self._by_gap(np.arange(len(elders)), np.ones(len(elders), bool))
        self.settle(
            np.arange(len(elders)), np.zeros(len(elders), bool), np.zeros(len(elders), bool)
        )

    def settle(self, open_rows: Ints, covered: Bools, unknown: Bools) -> None:
        """Begin to count: only some rows differ between draws.

        Parameters
        ----------
        open_rows
            Rows that each draw tells.
        covered, unknown
            ``(n,)`` what is so in every draw; open rows are passed over.
        """
        self._open = open_rows
        held = np.ones(len(self._elders), bool)
        held[open_rows] = False
        self._always, self._never_known = covered & held, unknown & held
        every = np.arange(len(self._elders))
        self._base = [
            [self._by_unit(level, every, flags) for flags in (self._always, self._never_known)]
            for level in range(len(self._levels))
        ]
        self._gap_base = self._by_gap(every, self._always)
        self._sums: list[list[list[Ints]]] = [[[], []] for _ in self._levels]
        self._times = np.zeros((2, len(open_rows)), np.int64)
        self._gap_covered = np.zeros(len(self._gap_elders))
        self._gap_open = np.zeros(len(self._gap_elders), np.int64)
        self._draws = 0

    def add(self, covered: Bools, unknown: Bools) -> None:
        """Count one draw: what is so of the open rows."""
        self._draws += 1
        for which, flags in enumerate((covered, unknown)):
            self._times[which] += flags
            for level, sums in enumerate(self._sums):
                found = self._by_unit(level, self._open, flags)
                sums[which].append(self._base[level][which] + found)
        inside = self._gap_base + self._by_gap(self._open, covered)
        self._gap_covered += inside
        # At least half of them not covered.
        self._gap_open += 2 * (self._gap_elders - inside) >= self._gap_elders

    def units(self) -> pd.DataFrame:
        """Return counts and rates of :data:`care_map.schema.ROBUSTNESS` by unit."""
        parts = [self._level(number) for number in range(len(self._levels))]
        return pd.concat(parts, ignore_index=True)

    def gaps(self) -> pd.DataFrame:
        """Return ``elders, rate_still_gap, rate_covered_mean`` by number of the gap."""
        elders = np.where(self._gap_elders > 0, self._gap_elders, np.nan)
        return pd.DataFrame(
            {
                "elders": self._gap_elders,
                "rate_still_gap": self._gap_open / self._draws,
                "rate_covered_mean": self._gap_covered / self._draws / elders,
            }
        )

    def _by_unit(self, level: int, rows: Ints, flags: Bools) -> Ints:
        weight = self._elders[rows] * flags
        found = np.bincount(self._place[level][rows], weights=weight, minlength=self._size[level])
        return found.astype(np.int64)

    def _by_gap(self, rows: Ints, flags: Bools) -> Ints:
        size = int(self._gap.max(initial=-1)) + 1
        inside = self._gap[rows] >= 0
        weight = (self._elders[rows] * flags)[inside]
        return np.bincount(self._gap[rows][inside], weights=weight, minlength=size).astype(np.int64)

    def _level(self, number: int) -> pd.DataFrame:
        level, every = self._levels[number], np.arange(len(self._elders))
        share, unknown = self._always.astype(float), self._never_known.astype(float)
        share[self._open] = self._times[0] / self._draws
        unknown[self._open] = self._times[1] / self._draws
        undecided = unknown == 1.0
        flags = {
            "elders": np.ones(len(share), bool),
            "firmly_covered": ~undecided & (share >= _FIRM),
            "depends": ~undecided & (share >= 1.0 - _FIRM) & (share < _FIRM),
            "firmly_uncovered": ~undecided & (share < 1.0 - _FIRM),
            "undecided": undecided,
        }
        sums = {name: self._by_unit(number, every, flag) for name, flag in flags.items()}
        everyone = np.where(sums["elders"] > 0, sums["elders"], np.nan)
        low = np.array(self._sums[number][0]) / everyone
        high = low + np.array(self._sums[number][1]) / everyone
        rates = {"rate_mean_low": low.mean(axis=0), "rate_mean_high": high.mean(axis=0)}
        for name, at in _SHARES:
            rates[f"rate_{name}_low"] = np.quantile(low, at, axis=0, method="inverted_cdf")
            rates[f"rate_{name}_high"] = np.quantile(high, at, axis=0, method="inverted_cdf")
        table = level.places.assign(level=level.name, **sums, **rates)
        # Every unit has its row; those in none only where there are some.
        return table[(table["elders"] > 0) | (table.index < len(table) - 1)]
