"""The console's pages: each made of parts (parts.py) and acts (acts.py) by one base (page.py); services do the rest."""
