"""The demo: the shop acme with its help centre and staff, and its rival, to try Tandem with and to measure it by."""
