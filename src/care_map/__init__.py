"""Geospatial service coverage for an ageing society."""
