"""`course workshop`: a folder from which a machine without internet installs the course."""
