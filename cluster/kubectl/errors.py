"""What kubectl says when something fails, and with which exit code.

`standard_message` words an API Status as `kubectl/pkg/cmd/util.StandardErrorMessage` does.
"""

from __future__ import annotations

from typing import Any

from cluster.machinery.errors import StatusError, Unreachable


class CommandError(Exception):
    """A failure of kubectl's own: printed as `error: …` unless it says its own prefix."""

    def __init__(self, message: str, *, code: int = 1, bare: bool = False):
        super().__init__(message)
        self.message = message
        self.code = code
        self.bare = bare


class Silent(Exception):
    """Everything was said already; only the exit code is left."""

    def __init__(self, code: int = 1):
        super().__init__()
        self.code = code


class Blocked(Exception):
    """The program waits (it has asked to be woken); it will be run again from its state."""


class Several(Exception):
    """An aggregate: each failure is printed on its own line."""

    def __init__(self, failures: list[Exception]):
        super().__init__()
        self.failures = failures


def usage_error(command_path: str, message: str) -> CommandError:
    """`error: …` followed by where help is."""
    return CommandError(f"{message}\nSee '{command_path} -h' for help and examples")


def flag_error(command_path: str, message: str) -> CommandError:
    return CommandError(f"{message}\nSee '{command_path} --help' for usage.")


def render(failure: Exception) -> str:
    """Return what stands on standard error, newline included."""
    if isinstance(failure, Several):
        return "".join(dict.fromkeys(render(one) for one in failure.failures))
    if isinstance(failure, StatusError):
        return standard_message(failure) + "\n"
    if isinstance(failure, CommandError):
        text = failure.message
        if not failure.bare and not text.startswith(("error: ", "error when ")):
            text = f"error: {text}"
        return text if text.endswith("\n") else text + "\n"
    raise failure


def exit_code(failure: Exception) -> int:
    return failure.code if isinstance(failure, (CommandError, Silent)) else 1


def standard_message(failure: StatusError) -> str:
    """Word a Status: Unauthorized, Invalid and Forbidden have forms of their own."""
    if failure.reason == "Unauthorized":
        return "error: You must be logged in to the server (Unauthorized)"
    if failure.reason == "Invalid":
        return _invalid(failure)
    if isinstance(failure, Unreachable):
        return failure.message
    context = getattr(failure, "context", "")
    message = f"{context}: {failure.message}" if context else failure.message
    return f"Error from server ({failure.reason}): {message}" if failure.reason else f"Error from server: {message}"


def _invalid(failure: StatusError) -> str:
    details: dict[str, Any] = failure.details
    named = details.get("kind") or details.get("name")
    subject = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid' if named else (
        "The request is invalid")
    causes = details.get("causes") or []
    if not causes:
        return subject if named or not failure.message else f"{subject}: {failure.message}"
    lines = list(dict.fromkeys(_cause(cause) for cause in causes))
    if len(lines) == 1:
        return f"{subject}: {lines[0]}"
    return f"{subject}: \n" + "\n".join(f"* {line}" for line in lines)


def _cause(cause: dict[str, Any]) -> str:
    return f"{cause['field']}: {cause['message']}" if cause.get("field") else str(cause.get("message", ""))


def with_context(failure: StatusError, context: str) -> StatusError:
    """Return the failure saying `context: …` before its message, as AddSourceToErr does."""
    copy = StatusError(failure.code, failure.reason, failure.message, failure.details)
    copy.context = context  # type: ignore[attr-defined]
    return copy
