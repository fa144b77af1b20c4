"""The HTTP edge: who is asking, what they sent, what they get. Decides nothing that a domain room could decide."""
