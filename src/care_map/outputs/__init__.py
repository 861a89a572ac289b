"""Writers: an assessment in, files out."""
