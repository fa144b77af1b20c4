"""The sentences that the injection head is trained on, written for Tandem, and the training itself."""
