"""What the assistant may answer from: documents, their versions and the passages it can cite."""
