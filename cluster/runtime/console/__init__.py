"""Programs that only the learner's terminal has: `lab` acts on the lab itself, `ssh` opens its machines."""
