"""How much the cluster's containers and machines use, and the API that says so."""
