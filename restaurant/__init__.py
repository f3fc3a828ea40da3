"""The restaurant's Django project; see README.md for the layout."""
