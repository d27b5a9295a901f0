"""What is as in the real thing, what is simplified and what is absent: gathered from the code, told to the reader."""
