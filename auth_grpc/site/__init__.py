"""Pages before and beside the staff site: logging in, codes, a new password by a link."""
