"""A mixed-integer linear programme, put together in blocks and solved by HiGHS.

Status, bound and gap are the solver's own.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

__all__ = ["Program", "Solution", "SolverStatus", "relative_gap"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_WIDE = 2**31
SolverStatus = Literal["optimal", "feasible", "no_solution", "infeasible"]


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found and proved.

    Parameters
    ----------
    status
        ``optimal``: proved within the gap asked for. ``feasible``: a solution, time was up
        before it was proved. ``no_solution``: time was up before any was found. ``infeasible``:
        proved that there is none.
    variables
        ``(n,)`` their values; zeros where there is no solution.
    objective
        Value of the solution, NaN without one.
    bound
        No solution can be better than this, NaN where infeasible.
    gap
        ``|objective - bound| / |objective|``, as the solver states it; NaN without a solution.
    """

    status: SolverStatus
    variables: Floats
    objective: float
    bound: float
    gap: float


@dataclass(slots=True)
class Program:
    """Variables and rows in the making; everything is minimised.

    Examples
    --------
    >>> program = Program()
    >>> x = program.add(2, most=1.0, whole=True)
    >>> program.price(x, [-3.0, -2.0])
    >>> program.limit(x, [1.0, 1.0], most=1.0)
    >>> found = program.solve()
    >>> found.status, found.variables.tolist(), found.objective
    ('optimal', [1.0, 0.0], -3.0)
    """

    _price: list[tuple[Ints, Floats]] = field(default_factory=list)
    _least: list[Floats] = field(default_factory=list)
    _most: list[Floats] = field(default_factory=list)
    _whole: list[Ints] = field(default_factory=list)
    _blocks: list[tuple[coo_array, Floats, Floats]] = field(default_factory=list)
    _size: int = 0

    def add(
        self,
        number: int,
        *,
        least: ArrayLike = 0.0,
        most: ArrayLike = np.inf,
        whole: ArrayLike = False,
    ) -> Ints:
        """Add variables and return their numbers.

        Parameters
        ----------
        number
            How many.
        least, most
            Bounds, one for all or one each.
        whole
            Whether they are whole numbers, one for all or one each.
        """
        for kept, given in ((self._least, least), (self._most, most)):
            kept.append(np.broadcast_to(np.asarray(given, dtype=float), number).copy())
        self._whole.append(np.broadcast_to(np.asarray(whole, dtype=np.int64), number).copy())
        self._size += number
        return np.arange(self._size - number, self._size)

    def rows(
        self,
        row: Ints,
        variable: Ints,
        factor: ArrayLike,
        *,
        number: int,
        least: ArrayLike = -np.inf,
        most: ArrayLike = np.inf,
    ) -> None:
        """Add rows ``least <= Σ factor × variable <= most``.

        Parameters
        ----------
        row, variable
            ``(n,)`` which variable stands in which of the new rows, from 0.
        factor
            Its factor, one for all or one each.
        number
            How many rows.
        least, most
            Bounds, one for all or one each.
        """
        factors = np.broadcast_to(np.asarray(factor, dtype=float), len(row))
        # Later variables may still come: the width is set when all are known.
        block = coo_array((factors, (row, variable)), shape=(number, _WIDE))
        bounds = [np.broadcast_to(np.asarray(b, dtype=float), number) for b in (least, most)]
        self._blocks.append((block, bounds[0], bounds[1]))

    def price(self, variable: Ints, cost: ArrayLike) -> None:
        """Set the cost of variables; ones that are not priced cost nothing."""
        self._price.append((variable, np.broadcast_to(np.asarray(cost, float), len(variable))))

    def limit(
        self, variable: Ints, factor: ArrayLike, *, least: float = -np.inf, most: float = np.inf
    ) -> None:
        """Add one row."""
        here = np.zeros(len(variable), dtype=np.int64)
        self.rows(here, variable, factor, number=1, least=least, most=most)

    def solve(
        self,
        *,
        time_limit_s: float | None = None,
        gap: float = 0.0,
        parts: bool = False,
        fixed: tuple[Ints, Floats] | None = None,
    ) -> Solution:
        """Minimise.

        Parameters
        ----------
        time_limit_s
            Seconds after which the best solution so far is given.
        gap
            Relative gap that will do.
        parts
            Whether parts of whole numbers will do: a bound on what whole ones can be.
        fixed
            Variables that are known, and their values.
        """
        if not self._size:
            return self._without_variables()
        cost = np.zeros(self._size)
        for variable, price in self._price:
            cost[variable] += price
        least, most = np.concatenate(self._least), np.concatenate(self._most)
        if fixed is not None:
            least[fixed[0]] = most[fixed[0]] = fixed[1]
        with _in_silence():
            found = milp(
                cost,
                integrality=np.concatenate(self._whole) * (not parts),
                bounds=Bounds(least, most),
                constraints=self._constraint(),
                options={
                    "mip_rel_gap": gap,
                    "time_limit": np.inf if time_limit_s is None else time_limit_s,
                },
            )
        return _solution(found.status, found.x, found.fun, found.mip_dual_bound, self._size)

    def _without_variables(self) -> Solution:
        """Answer for a programme of nothing, which the solver refuses: each sum is 0."""
        if all((least <= 0).all() and (most >= 0).all() for _, least, most in self._blocks):
            return Solution("optimal", np.zeros(0), 0.0, 0.0, 0.0)
        return Solution("infeasible", np.zeros(0), np.nan, np.nan, np.nan)

    def _constraint(self) -> LinearConstraint:
        if not self._blocks:
            return LinearConstraint(csr_array((0, self._size)), [], [])
        parts = [
            csr_array((b.data, b.coords), shape=(b.shape[0], self._size))
            for b, _, _ in self._blocks
        ]
        least = np.concatenate([least for _, least, _ in self._blocks])
        most = np.concatenate([most for _, _, most in self._blocks])
        return LinearConstraint(vstack(parts, format="csr"), least, most)


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep what HiGHS says to the console, whatever it is told, out of standard output.

    A line of its presolve goes there in some versions; with ``--json`` there must be nothing else.
    """
    try:
        kept = os.dup(_STANDARD_OUTPUT)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is no standard output
        yield
        return
    sys.stdout.flush()
    os.dup2(nowhere, _STANDARD_OUTPUT)
    try:
        yield
    finally:
        os.dup2(kept, _STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)


_STANDARD_OUTPUT = 1
_OPTIMAL, _TIME_UP, _INFEASIBLE = 0, 1, 2


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a bound is from a value, as a share of the value: HiGHS' own measure."""
    return abs(objective - bound) / max(abs(objective), 1e-10)


def _solution(
    status: int, values: Floats | None, objective: float | None, bound: float | None, size: int
) -> Solution:
    """Read the solver's own words; whatever else it says is a mistake of ours."""
    if status == _INFEASIBLE:
        return Solution("infeasible", np.zeros(size), np.nan, np.nan, np.nan)
    if status not in {_OPTIMAL, _TIME_UP}:
        msg = f"the solver stopped with status {status}"
        raise RuntimeError(msg)
    # Without whole-number variables the solver states no bound: the optimum is one.
    least = objective if bound is None and status == _OPTIMAL else bound
    proved = np.nan if least is None else float(least)
    if values is None or objective is None:
        return Solution("no_solution", np.zeros(size), np.nan, proved, np.nan)
    word: SolverStatus = "optimal" if status == _OPTIMAL else "feasible"
    gap = relative_gap(float(objective), proved)
    return Solution(word, values, float(objective), proved, gap)
