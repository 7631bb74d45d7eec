"""The working days of each year: as published, as revised, as estimated."""
