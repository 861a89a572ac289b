"""What things are called in OSM: the tags that name them, by language."""

from collections.abc import Mapping

from care_map.messages import Language

__all__ = ["NAME_KEYS", "pick_name"]

NAME_KEYS = ("name", "name:zh", "name:zh-Hans", "name:zh-Hant", "name:en", "official_name")
_NAME_ORDER: Mapping[Language, tuple[str, ...]] = {
    "zh": ("name:zh", "name:zh-Hans", "name:zh-Hant", "name", "name:en"),
    "en": ("name:en", "name", "name:zh"),
}


def pick_name(tags: Mapping[str, str], language: Language) -> str:
    """Return the name to show in a language, empty if the element has none.

    Examples
    --------
    >>> pick_name({"name": "Andorra la Vella", "name:zh": "安道尔城"}, "zh")
    '安道尔城'
    >>> pick_name({"name": "Encamp"}, "zh")
    'Encamp'
    """
    return next((tags[key] for key in _NAME_ORDER[language] if tags.get(key)), "")
