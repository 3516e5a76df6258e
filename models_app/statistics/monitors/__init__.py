"""Tests that may be looked at every hour, for ever: of alert rates against targets, of events against what is usual."""
