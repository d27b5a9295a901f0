"""Admission: the plugins that change and judge writes, one file each, in the real server's order."""
