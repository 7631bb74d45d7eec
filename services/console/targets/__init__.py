"""The year's targets: what each counts, how far it is, where present pace leads. Pure."""
