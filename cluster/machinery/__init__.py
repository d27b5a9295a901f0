"""The API machinery every part of the simulated cluster shares: errors, time, identity, quantities, patches.

It imports nothing of ours and knows no kind by name.
"""
