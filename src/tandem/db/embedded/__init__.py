"""The PostgreSQL that comes with Tandem: the binaries of a wheel, kept running by a process of its own.

    with embedded.hold(data_dir):                  # as long as this process uses the database
        address = embedded.ensure(data_dir)        # a running server, started when there is none
        connect(address.owner_url)

Who uses the database holds a shared lock, which the kernel gives back however the user dies. The supervisor
stops the server once nobody has held it for a while. Knows nothing about what is in the database.
Linux only: it relies on the kernel telling a child that its parent has died.
"""

from tandem.db.embedded.client import Address, ensure, hold, stop
from tandem.db.embedded.failure import NoServer

__all__ = ["Address", "NoServer", "ensure", "hold", "stop"]
