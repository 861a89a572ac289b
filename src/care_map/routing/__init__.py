"""Shortest times over the arrays of `network`: nearest facilities, isochrones, routes."""
