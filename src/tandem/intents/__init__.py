"""Understanding a message: which of the tenant's intents it carries, and the signals beside them.

Knows nothing about what follows from an intent.
"""
