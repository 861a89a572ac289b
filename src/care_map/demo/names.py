"""Invented names; where one is also the name of a real place, that is chance."""

import numpy as np

__all__ = ["STREETS", "TOWNS", "community_names"]

STREETS = ("白鹤街道", "北滨街道", "永安街道", "听泉街道", "揽翠街道", "南坝街道")
"""The last one lies south of the river."""

TOWNS = (
    "双河镇",
    "太和镇",
    "长滩镇",
    "云岭镇",
    "水口镇",
    "回龙镇",
    "中坝镇",
    "新田镇",
    "龙溪镇",
    "梨树镇",
    "红岩镇",
    "柏树乡",
    "安平乡",
    "松林乡",
    "青杠乡",
    "高峰乡",
)

_FIRST = "青红白金银玉翠长高新古上东西南北大石云竹松桂梅兰凤鹤鹿雁清明静和安乐福晴"
_SECOND = "溪坪湾坡梁沟塘井田坝岭桥庙林泉岩亭渡洲坳"


def community_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` different names of two characters for communities and villages."""
    taken = {name[:2] for name in (*STREETS, *TOWNS)}
    names = [a + b for a in _FIRST for b in _SECOND if a + b not in taken]
    return [names[i] for i in rng.permutation(len(names))[:count]]
