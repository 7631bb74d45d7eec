"""The mechanisms that every service uses the same way; knows no office's words."""
