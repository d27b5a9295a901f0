"""What a lesson step can ask of the cluster. One check type per file, all listed in `registry`."""
