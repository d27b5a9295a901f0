"""What the learner sees of a cluster: graphs, captions and outlines projected from its objects."""
