"""Where to build next in a study: who could be reached from which candidate, and what is asked."""
