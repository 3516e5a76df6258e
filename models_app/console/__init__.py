"""The console's pages: each made of panels and actions, by one base (all in ui/); services do the rest."""
