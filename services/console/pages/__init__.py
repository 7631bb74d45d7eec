"""One module per page, and the few things that all pages share."""
