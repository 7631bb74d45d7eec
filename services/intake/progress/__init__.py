"""月报、开停复竣: what a project did in a month, and when building began, rested and ended."""
