"""The report of a run as chapters: what stands in its document and on its page."""
