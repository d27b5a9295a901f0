"""The course: tracks, lessons, steps and their checks, proved on the simulated cluster they teach on."""
