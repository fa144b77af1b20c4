"""Declared procedures: for what a customer wants, what is asked, looked up, proposed and said. They run without any model."""
