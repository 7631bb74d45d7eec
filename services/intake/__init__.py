"""申报: projects come in, pass three levels of review and enter the pools."""
