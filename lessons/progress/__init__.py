"""How far a learner has come: judging steps, and keeping what was reached."""
