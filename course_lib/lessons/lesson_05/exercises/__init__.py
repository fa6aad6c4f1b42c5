"""The exercises of lesson 05, a file each under its exercise's name."""
