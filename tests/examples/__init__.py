"""The invented projects of the demonstration and the workbooks they are kept in."""
