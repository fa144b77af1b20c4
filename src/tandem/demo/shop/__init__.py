"""The order system of the made-up shop Acme Outdoor: a real little HTTP server with a database of its own.

It stands where a company's own backend would stand, so it knows nothing of Tandem but the wire: signed requests, an
idempotency key, and the header that says who is served. It enforces its own rules; Tandem's limits come on top of them.
"""
