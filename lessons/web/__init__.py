"""The course's pages: the map, a lesson's panel beside its lab, and what its buttons do."""
