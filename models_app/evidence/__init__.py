"""Computing evidence for a change request: the same recorded events, by what is live and by what is proposed."""
