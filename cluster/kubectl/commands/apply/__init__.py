"""kubectl apply and the commands about its annotation."""
