"""One issue inside a conversation, and the people who work on it: escalated, claimed, answered, handed back, resolved.

Who owns a conversation is decided here, in the database, and checked again whenever somebody speaks; never in a prompt.
"""
