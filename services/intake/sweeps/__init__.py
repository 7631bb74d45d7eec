"""What the days do to projects: each sweep finds in a view what may be due and asks the dossier."""
