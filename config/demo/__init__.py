"""The whole office on one machine, with invented people: `manage.py demo`."""
