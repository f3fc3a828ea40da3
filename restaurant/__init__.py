"""The restaurant's Django project; see README.md for the layout."""

# Every look-up of a host's name needs it. Left to the first, it is loaded by several threads at
# once, and some of them fail with "unknown encoding: idna".
import encodings.idna  # noqa: F401
