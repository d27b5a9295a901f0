"""How kubectl prints objects: tables, YAML, JSON, names, JSONPath, Go templates, custom columns."""
