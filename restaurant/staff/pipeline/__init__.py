"""The pipeline page: is it healthy, in one look, and what to do where it is not."""
