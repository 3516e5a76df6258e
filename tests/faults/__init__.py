"""The real product, hurt under load: what clients saw, what was lost, and how long it took until all was well."""
