"""招商活动: events to win investors, of which those outside the city are counted."""
