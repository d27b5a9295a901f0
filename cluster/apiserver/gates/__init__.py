"""What is remembered of requests, so that each can be opened later: the three gates, made visible."""
