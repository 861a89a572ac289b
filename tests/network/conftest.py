"""Many small networks are built here: PROJ takes a tenth of a second to find a transformation."""

from functools import cache

import pytest
from pyproj import Transformer


@cache
def _found_once(source, target, *, always_xy):
    return Transformer.from_crs(source, target, always_xy=always_xy)


class _Transformers:
    from_crs = staticmethod(_found_once)


@pytest.fixture(scope="module", autouse=True)
def transformations_found_once():
    """Look each transformation up once; what it does is what it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("care_map.network.build.Transformer", _Transformers)
        yield
