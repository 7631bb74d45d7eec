"""Copy what the browser loads out of the npm packages, each file checked by its sha256.

No third-party file is committed and no page loads anything from another host, so the files that a
page needs are taken from the locked packages at set-up. `deploy/assets.sha256` lists them in the
format of `sha256sum`; `--write` renews the list after a package was raised on purpose.
"""

import argparse
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "services" / "console" / "static" / "vendor"
LIST = Path(__file__).with_name("assets.sha256")

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-csp.min.js": "htmx.org/dist/ext/hx-csp.min.js",
    "hx-head.min.js": "htmx.org/dist/ext/hx-head.min.js",
    "hx-pending.min.js": "htmx.org/dist/ext/hx-pending.min.js",
    "hx-preload.min.js": "htmx.org/dist/ext/hx-preload.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
}
ICONS = (
    "alert-triangle", "arrow-left", "arrow-right", "bell", "building-factory-2", "calendar",
    "certificate", "chart-bar", "check", "chevron-down", "chevron-left", "chevron-right",
    "circle-check", "circle-x", "clipboard-check", "clock-hour-4", "columns-3", "copy",
    "download", "edit", "eye", "file-import", "file-plus", "file-spreadsheet", "filter", "gavel",
    "help-circle", "history", "info-circle", "layout-dashboard", "layout-kanban", "list-details",
    "list-numbers", "lock", "logout", "menu-2", "message-2", "paperclip", "printer", "refresh",
    "search", "speakerphone", "target-arrow", "upload", "user", "x",
)  # fmt: skip


def wanted() -> dict[str, Path]:
    """Return every file of the vendor folder with the place in node_modules it comes from."""
    files = {name: MODULES / source for name, source in FILES.items()}
    icons = MODULES / "@tabler" / "icons" / "icons" / "outline"
    return files | {f"icons/{icon}.svg": icons / f"{icon}.svg" for icon in ICONS}


def listed() -> dict[str, str]:
    """Return the committed sha256 of every file."""
    rows = (line.split(maxsplit=1) for line in LIST.read_text().splitlines() if line)
    return {name: digest for digest, name in rows}


def main() -> int:
    """Copy the files, or say which one is not the one that was reviewed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="renew deploy/assets.sha256")
    ask = parser.parse_args()
    contents = {name: source.read_bytes() for name, source in wanted().items()}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    if ask.write:
        LIST.write_text("".join(f"{found[name]}  {name}\n" for name in sorted(found)))
    expected = listed()
    if wrong := sorted(name for name in found if expected.get(name) != found[name]):
        sys.stderr.write(f"not the reviewed files: {', '.join(wrong)}\n")
        return 1
    for name, content in contents.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
