"""How the console looks as a whole: Unfold's settings. The pages' own look is in static/muse/."""

from django.templatetags.static import static

# The accent of colors.css, lighter and darker.
_VIOLET = {
    50: "#f4f1fd",
    100: "#e9e2fb",
    200: "#d4c7f7",
    300: "#b6a0f0",
    400: "#ab93f3",
    500: "#a084f2",
    600: "#5b34c9",
    700: "#4a27ad",
    800: "#3d218d",
    900: "#331e72",
    950: "#1f1149",
}

UNFOLD = {
    "SITE_TITLE": "MUSE",
    "SITE_HEADER": "MUSE",
    "SITE_SUBHEADER": "Swap the model, keep the alerts",
    "SITE_URL": None,  # the console is the site
    "SITE_ICON": lambda request: static("muse/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("muse/icon.svg")}],
    "SCRIPTS": [lambda request: static("muse/strict.js")],
    "COLORS": {"primary": _VIOLET},
    "SIDEBAR": {"navigation": "models_app.console.navigation.menu", "show_search": False},
}
