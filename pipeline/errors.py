"""The exception tree: what a user can mend; anything else may crash with its traceback."""


class PipelineError(Exception):
    """A fault the user can mend; the message is one line: where, what, expected (got), cure."""


class ConfigError(PipelineError):
    """The configuration is wrong; the message holds every mistake, one a line."""


class InputError(PipelineError):
    """The input as a whole cannot be read; one bad article is a `Drop` instead."""


class OutputError(PipelineError):
    """The corpus directory cannot be written, or belongs to another run."""


class ModelError(PipelineError):
    """A translation model is missing, corrupt, or of an unknown kind."""


class VerificationError(PipelineError):
    """A finished corpus does not agree with its raw articles or its manifests."""
