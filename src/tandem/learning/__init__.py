"""What turns teach afterwards: answers to take back, questions without an answer, what people knew, and articles that disagree."""
