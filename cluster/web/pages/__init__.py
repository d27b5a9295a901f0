"""The pages of the glass: each view parses, calls one function, renders."""
