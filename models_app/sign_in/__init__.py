"""How people log in: a second factor, single sign-on, and what both leave in the audit trail.

django-allauth does the work (docs/adr/0010-allauth-behind-our-log-in.md); here is what it asks of an installation.
"""
