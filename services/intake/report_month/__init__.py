"""报送月份: what a planning body says of a month in which it has nothing new."""
