"""The spreadsheet 附件1 as units send it: checked, marked, taken in."""
