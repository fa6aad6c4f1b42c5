"""The exercises of lesson 08, a file each under its exercise's name."""
