"""招商签约: a lead, its way to the contract, and the projects that come of it."""
