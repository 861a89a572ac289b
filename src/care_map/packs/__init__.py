"""Policy packs: a notice as versioned, cited rules, and their reader."""
