"""The functions of CEL, one module per library; `registry` lists them."""
