"""The jobs that Tandem has for language models. Each may have models of its own, or none."""

from enum import StrEnum


class Role(StrEnum):
    """What a model is asked for. Settings name the models of a role TANDEM_MODEL_ and its name in capitals."""

    DRAFT = "draft"  # the answer to a customer, and the calls of tools on the way to it
    CLASSIFY = "classify"  # what a message is about, where the fast stage is unsure
    SUMMARISE = "summarise"  # a conversation, for whoever takes it over
    JUDGE = "judge"  # whether a passage bears a sentence, where the gate is unsure
    REWRITE = "rewrite"  # a question that only its conversation makes whole
