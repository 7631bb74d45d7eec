"""调库: a project goes from pool to pool, waits, ends, joins another or becomes several."""
