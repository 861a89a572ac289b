"""What a study's figures rest on, said on every output."""

from care_map.config import Study
from care_map.scenario_words import scenario_labels
from care_map.search_points import Search
from care_map.study_network import Ground
from care_map.values import KPH_PER_MPS, PROFILES, Statement

__all__ = ["study_labels", "study_statements"]


def study_labels(study: Study) -> tuple[str, ...]:
    """Return the codes of ``data.*`` that every output of a study says."""
    labels: list[str] = [*scenario_labels(study), *([] if study.data == "real" else [study.data])]
    if any(source.weights for source in study.demand):
        labels.append("weights")
    if any(profile.approximate for profile in study.profiles.values()):
        labels.append("approximate")
    return tuple(labels)


def study_statements(study: Study, ground: Ground, search: Search) -> tuple[Statement, ...]:
    """State what a study's figures rest on: profiles, limits, age, barriers.

    Parameters
    ----------
    study, ground, search
        The study, its roads and its points.

    Returns
    -------
    tuple of Statement
    """
    limits = study.limits
    statements = [
        Statement(
            name if name in PROFILES else "own_profile",
            {
                "name": name,
                "speed_mps": profile.walk_speed_mps,
                "stairs": profile.stairs_factor or 0.0,
                "detour": profile.detour_factor,
                "overhead_min": profile.overhead_s / 60.0,
                "cycle_kph": profile.cycle_speed_mps * KPH_PER_MPS,
                "grade": (profile.max_grade or 0.0) * 100.0,
            },
        )
        for name, profile in study.profiles.items()
    ]
    if search.has_network:
        values = {
            "urban_m": limits.access_urban_m,
            "rural_m": limits.access_rural_m,
            "island_m": limits.min_component_m,
        }
        statements.append(Statement("access_legs", values))
        known = ground.reading.barriers is not None
        statements.append(Statement("barriers_heeded" if known else "barriers_unknown"))
        statements.append(Statement("flat" if study.elevation is None else "hills"))
        statements.append(Statement("ferries_off"))
        if any(profile.mode in ("car", "cycle") for profile in study.profiles.values()):
            statements.append(Statement("turns_out"))
    ages = sorted({source.elder_age for source in study.demand})
    statements.extend(Statement("elder_age", {"age": age}) for age in ages)
    statements.append(Statement("own_district"))
    return tuple(statements)
