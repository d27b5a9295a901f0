"""The composition root of one simulated cluster: it wires the parts together and lets time pass."""
