"""Two runs set side by side: coverage, who wins and who loses, gaps, facilities, the notice."""
