"""An answer that is an Excel workbook."""

from urllib.parse import quote

from fastapi import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Spreadsheet(Response):
    """A workbook as a file, and as such in the service's OpenAPI document."""

    media_type = XLSX


def spreadsheet(data: bytes, name: str) -> Spreadsheet:
    """Give a workbook to be saved under a name."""
    told = f"attachment; filename*=UTF-8''{quote(name)}"
    return Spreadsheet(data, headers={"Content-Disposition": told})
