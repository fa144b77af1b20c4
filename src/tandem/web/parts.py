"""What routes work with: everything that was built once at the start, in one frozen record."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from tandem.actions.acting import Acting
from tandem.answering.desk import Desk
from tandem.db import Database
from tandem.embedding import Embedders
from tandem.events import Hub
from tandem.hot import Hot
from tandem.intents.models import Classifiers
from tandem.jobs import Queue
from tandem.llm import Models
from tandem.outgoing.mail import Mailer
from tandem.settings import Settings
from tandem.tenants.sealing import Sealer
from tandem.web.viewers import Viewers


@dataclass(frozen=True, slots=True)
class Parts:
    """The built parts of one API process."""

    settings: Settings
    db: Database
    hub: Hub
    hot: Hot
    queue: Queue
    sealer: Sealer
    models: Embedders
    classifiers: Classifiers
    desk: Desk
    acting: Acting
    viewers: Viewers
    asked: Models
    """The language models."""
    mailer: Mailer


def of(request: Request) -> Parts:
    """The parts of the process that serves this request."""
    parts: Parts = request.app.state.parts
    return parts


P = Annotated[Parts, Depends(of)]
"""A route's parameter that receives the parts."""
