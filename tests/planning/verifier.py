"""A checker of plans that knows the raw tables only and shares no code with the models."""

__all__ = ["covered_by", "dear", "problems_of", "served_by", "ways_of_everybody"]


def covered_by(rows, elders, sites, *, cutoff, times=1):
    """Return who is reached: rows are (elder, site, minutes)."""
    wanted = set(sites)
    count = dict.fromkeys(elders, 0)
    for who, where, minutes in rows:
        if where in wanted and minutes <= cutoff:
            count[who] += 1
    return {who for who, number in count.items() if number >= times}


def served_by(rows, elders, sites, capacity, *, cutoff):
    """Return how many elders sites serve at most: paths that free places, one elder at a time."""
    reach = {who: [] for who in elders}
    for who, where, minutes in rows:
        if where in set(sites) and minutes <= cutoff:
            reach[who].append(where)
    places = [(where, k) for where in set(sites) for k in range(int(capacity.get(where, 10**3)))]
    of = {}
    for place in places:
        of.setdefault(place[0], []).append(place)
    holder = {}

    def place_for(person, tried):
        for where in reach[person[0]]:
            for place in of.get(where, []):
                if place in tried:
                    continue
                tried.add(place)
                if place not in holder or place_for(holder[place], tried):
                    holder[place] = person
                    return True
        return False

    people = [(who, k) for who, number in elders.items() for k in range(int(number))]
    return sum(place_for(person, set()) for person in people)


def dear(sites, costs):
    """Return what sites cost together."""
    return sum(costs[one] for one in sites)


def problems_of(plan, rows, elders, *, cutoff, times=1, most=None, budget=None, costs=None):
    """Return what is wrong with a covering plan: nothing, it is hoped."""
    found = []
    new, stand = list(plan.sites), list(plan.existing)
    if len(set(new)) < len(new) or set(new) & set(stand):
        found.append("a site stands twice")
    if most is not None and len(new) > most:
        found.append("too many sites")
    if budget is not None and dear(new, costs) > budget + 1e-9:
        found.append("too dear")
    inside = covered_by(rows, elders, [*new, *stand], cutoff=cutoff, times=times)
    if {who for who, number in plan.covered.items() if number > 0} != {
        who for who in inside if elders[who] > 0
    }:
        found.append("covered elders are not those within the cutoff")
    assigned = {who: where for who, where in plan.assigned.items() if isinstance(where, str)}
    minutes = {(who, where): m for who, where, m in rows}
    if any(minutes.get(pair, cutoff + 1) > cutoff for pair in assigned.items()):
        found.append("somebody is sent beyond the cutoff")
    if plan.found and plan.model == "mclp":
        total = sum(elders[who] for who in inside)
        if abs(total - plan.objective) > 1e-6:
            found.append("the objective is not what is covered")
        if plan.bound < plan.objective - 1e-6:
            found.append("the bound is below the plan")
    return found


def ways_of_everybody(rows, elders, sites):
    """Return minutes to the nearest site and heads of each elder; None if one reaches none."""
    wanted = set(sites)
    nearest = {}
    for who, where, minutes in rows:
        if where in wanted:
            nearest[who] = min(minutes, nearest.get(who, minutes))
    people = {who: heads for who, heads in elders.items() if heads > 0}
    if people.keys() - nearest.keys():
        return None
    return [(nearest[who], heads) for who, heads in people.items()]
