"""The thread with one customer on one channel: its messages, its events, and the turns that write to it.

Knows nothing about how an answer is found or who works on a ticket.
"""
