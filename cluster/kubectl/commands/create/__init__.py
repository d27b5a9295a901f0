"""kubectl create and its generators, one file each."""
