"""From minutes to answers: coverage, gaps. Knows tables and numbers, no files and no networks."""
