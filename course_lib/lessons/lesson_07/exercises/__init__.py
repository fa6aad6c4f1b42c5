"""The exercises of lesson 07, a file each under its exercise's name."""
