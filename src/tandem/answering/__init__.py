"""The brain: from a customer's message to an answer that can be proven, or to a person. Read `pipeline.py` first."""
