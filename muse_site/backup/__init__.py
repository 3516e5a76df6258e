"""Backups: one folder with the database, the event tables, model files and samples, from which all can be restored.

`contents` says what a backup holds, `database`, `events` and `files` copy one of these each, `making` and `restoring`
put them together.
"""
