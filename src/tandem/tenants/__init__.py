"""Companies, their staff, their customers, and everything by which one of them proves who they are."""
