"""Questions and measurements, by the product's own steps."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tandem.cli import reaching
from tandem.settings import Settings


@click.command()
@click.argument("question")
@click.option("--steps", is_flag=True, help="Show what every step found.")
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.pass_obj
def ask(settings: Settings, question: str, steps: bool, tenant: str) -> None:
    """Ask a question and see the answer, through the very pipeline that customers get."""
    from tandem.evals import asking

    answer = reaching.with_tools(settings, tenant, lambda tools, tenant_id: asking.ask(tools, tenant_id, question))
    click.echo(asking.explained(answer) if steps else answer.draft.text)


@click.group("eval")
def eval_group() -> None:
    """Measure, by the product's own steps."""


@eval_group.command("turns")
@click.option(
    "--suite",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    help="JSON Lines of cases; the demo's golden set without it.",
)
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object of figures.")
@click.option("--rows", type=click.Path(path_type=Path), default=None, help="One JSON line for each case, in order.")
@click.pass_obj
def eval_turns(settings: Settings, suite: Path | None, tenant: str, as_json: bool, rows: Path | None) -> None:
    """Run golden cases through the pipeline and compare with what is expected of them."""
    from tandem.evals import turns

    outcome = reaching.with_tools(
        settings, tenant, lambda tools, tenant_id: turns.run(tools, tenant_id, turns.load(suite))
    )
    if rows:
        rows.write_text("".join(json.dumps(row) + "\n" for row in outcome.rows()))
    click.echo(json.dumps(outcome.figures()) if as_json else outcome.table())
    sys.exit(0 if outcome.passed else 1)


@eval_group.command("retrieval")
@click.option(
    "--corpus",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    required=True,
    help="JSON Lines of documents.",
)
@click.option(
    "--queries",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    required=True,
    help="JSON Lines of questions.",
)
@click.option(
    "--stage",
    type=click.Choice(["text", "vectors", "fused", "reranked"]),
    default="reranked",
    help="How far the search goes.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object of figures.")
@click.option(
    "--rows", type=click.Path(path_type=Path), default=None, help="One JSON line for each question, in order."
)
@click.pass_obj
def eval_retrieval(
    settings: Settings, corpus: Sequence[Path], queries: Sequence[Path], stage: str, as_json: bool, rows: Path | None
) -> None:
    """Search a corpus, imported into a database of its own, with questions whose right documents are known."""
    from tandem import embedding
    from tandem.evals import retrieval

    entries, asked = retrieval.load(corpus, queries)
    models = embedding.from_settings(settings)
    outcome = asyncio.run(retrieval.run(settings, models, entries, asked, retrieval.Stage(stage)))
    if rows:
        rows.write_text("".join(json.dumps(row) + "\n" for row in outcome.lines()))
    click.echo(json.dumps(outcome.figures()) if as_json else outcome.table())


@eval_group.command("intents")
@click.option(
    "--train",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    required=True,
    help="JSON Lines of examples to learn from.",
)
@click.option(
    "--test",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    required=True,
    help="JSON Lines of messages whose intents are known.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object of figures.")
@click.option("--rows", type=click.Path(path_type=Path), default=None, help="One JSON line for each message, in order.")
@click.pass_obj
def eval_intents(
    settings: Settings, train: Sequence[Path], test: Sequence[Path], as_json: bool, rows: Path | None
) -> None:
    """Learn intents from examples and understand messages with them."""
    from tandem import embedding
    from tandem.evals import intents

    known, asked = intents.load(train), intents.load(test)
    outcome = asyncio.run(intents.run(embedding.from_settings(settings).shipped, known, asked))
    if rows:
        rows.write_text("".join(json.dumps(row) + "\n" for row in outcome.lines()))
    click.echo(json.dumps(outcome.figures()) if as_json else outcome.table())


@eval_group.command("grounding")
@click.argument("files", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object of figures.")
@click.option("--rows", type=click.Path(path_type=Path), default=None, help="One JSON line for each answer, in order.")
@click.pass_obj
def eval_grounding(settings: Settings, files: Sequence[Path], as_json: bool, rows: Path | None) -> None:
    """Judge answers by their passages, as the sentence gate does, and compare with whether they are supported."""
    from tandem import embedding
    from tandem.evals import grounding

    outcome = asyncio.run(grounding.run(embedding.from_settings(settings).shipped, grounding.load(files)))
    if rows:
        rows.write_text("".join(json.dumps(row) + "\n" for row in outcome.lines()))
    click.echo(json.dumps(outcome.figures()) if as_json else outcome.table())
