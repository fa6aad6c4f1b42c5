"""A real JupyterHub on this machine's loopback, learners who work in it, and what they cost."""
