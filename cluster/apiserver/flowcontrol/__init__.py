"""API priority and fairness: which requests share seats, and who waits when they are taken."""
