"""One process of a web service: it serves on a socket that its supervisor holds, and drains before it ends."""
