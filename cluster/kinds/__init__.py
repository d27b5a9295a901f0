"""What each kind is: one declaration per file, all of them listed in `registry`."""
