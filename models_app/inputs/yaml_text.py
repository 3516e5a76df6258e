"""YAML (and JSON, which is YAML) as people write it, read so that no text can do harm or fail."""

from typing import Any, cast

import yaml

from tenants.strict_json import DEEPEST, unstorable, words

# What PyYAML raises besides its own errors: for texts that look like a number, a date or a tag, and are none.
_ODD = (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError)


class NotYaml(ValueError):
    """A text is no YAML that can be stored; the message names the line: `expected YAML: line 3: …`."""


def read_yaml(text: str) -> Any:
    """Parse a YAML text into values that JSON can store. Raises NotYaml."""
    try:
        _check_shape(text)
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise NotYaml(f"expected YAML: {_line(error)}{error.problem}") from None
    except yaml.YAMLError as error:
        raise NotYaml(f"expected YAML: {error}") from None
    except _ODD as error:
        raise NotYaml(f"expected numbers, dates and tags as YAML has them: {error}") from None
    for place, odd in unstorable(content):
        raise NotYaml(f"{words(place)}: expected {odd.expected}, found {odd.found}")
    return content


def _check_shape(text: str) -> None:
    """Refuse aliases, with which a small text describes a huge value, and nesting that is too deep. Raises NotYaml.

    The loader goes down a level of the text with a call of its own, in C: it would not come back from a million.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event, "aliases (*name) are not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _refused(event, f"at most {DEEPEST} levels are read")


def _refused(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=cast(yaml.Mark, event.start_mark))


def _line(error: yaml.MarkedYAMLError) -> str:
    return f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
