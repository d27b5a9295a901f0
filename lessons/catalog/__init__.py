"""What the lessons are, read from `lessons/content`."""
