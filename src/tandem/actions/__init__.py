"""Acting for the customer: a registry of what may be done, limits that code enforces, and a ledger of what was.

A model, a workflow or a caller only ever proposes. Everything that counts (who the customer is, what their session may,
whose the thing is, how much may move) comes from the door and from the registry.
"""
