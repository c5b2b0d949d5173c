"""The checker: plays, proves and reports what a server does, by its public face; imports profiles only."""
