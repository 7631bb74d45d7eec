"""An answer that is an Excel workbook."""

from fastapi import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Spreadsheet(Response):
    """A workbook as a file, and as such in the service's OpenAPI document."""

    media_type = XLSX
