"""Pages of what monitors see: all intents, worst first, and single incidents."""
