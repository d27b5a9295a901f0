"""What runs inside containers: images, processes, files. Pure data and its rules, below the API."""
