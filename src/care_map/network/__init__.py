"""Road tables become arrays: edges, seconds along them, points snapped to them."""
