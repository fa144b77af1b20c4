"""What `make` needs before Tandem itself can run: the Python environment, the built pages, a browser for the tests.

Runs on a bare Python 3.11 with the standard library only, and knows nothing about the package it prepares.
"""
