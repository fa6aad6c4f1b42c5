"""Lesson 07: networks built to be read, and what came out when they were measured."""
