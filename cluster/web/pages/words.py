"""What the scripts of the lab page say, in the reader's language; rendered into the page as JSON."""

from __future__ import annotations

from django.utils.translation import get_language, gettext as _

from cluster.topology.captions import TEXTS


def captions() -> dict[str, str]:
    return dict(TEXTS.get(get_language() or "en", TEXTS["en"]))


def words() -> dict[str, str]:
    """Return the catalogue. `{name}` is filled in by the scripts."""
    return {
        "picture": _("The cluster"),
        "pictureLarge": _("The cluster, drawn; the outline tab says the same in text"),
        "terminal": _("Terminal"),
        "editor": _("Manifest editor"),
        "waiting": _("Waiting for a node"),
        "waitingSub": _("not yet scheduled"),
        "play": _("Let time run"),
        "pause": _("Stop time"),
        "paused": _("time stands still"),
        "calm": _("nothing is due"),
        "nextIn": _("next in {time}"),
        "missingField": _("{field} is missing"),
        "wrongType": _("{field} must be of type {type}"),
        "lineColumn": _("(line {line}, column {column})"),
        "line": _("Line {line}:"),
        "saved": _("{path} is saved"),
        "serverSilent": _("The lab does not answer: {why}"),
        "goTerminal": _("Go to the terminal"),
        "goEditor": _("Go to the editor"),
        "goGlass": _("Go to the picture"),
        "playPause": _("Stop time, or let it run"),
        "nextEvent": _("Jump to the next event"),
        "fit": _("Fit the picture"),
        "story": _("Show the story"),
        "closeDrawer": _("Close the drawer"),
        "goRequests": _("Show the requests"),
        "refusedWhy": _("Request {request} was refused ({code}): see why"),
        "viewNamed": _("View: {name}"),
    }
