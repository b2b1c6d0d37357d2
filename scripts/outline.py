"""A script as lines of text, for a terminal."""

from __future__ import annotations

from scripts.checks import routes
from scripts.model import BACK, Script, Step

_ELSE = "(asked again, then) "


def outline(script: Script) -> str:
    """The dialogue, a line for each step: what it says, and an arrow for each way on.

    ``?`` asks, ``!`` is the key warning, ``+`` hands over to a human, ``=`` ends, ``>`` only speaks.
    """
    width = max((len(name) for name in script.steps), default=0)
    lines = [f"{script.name}: {script.title}" + (f" ({script.scam_type})" if script.scam_type else "")]
    for name, step in script.steps.items():
        lines.append(f"{_sign(step)} {name:<{width}}  {step.say}")
        lines.append(f"  {'':<{width}}  {_ways(step)}")
    if script.hears:
        lines.append("heard at any time, once a call:")
        lines += [f"  {signal} -> {target}" for signal, target in script.hears.items()]
    return "\n".join(lines)


def _sign(step: Step) -> str:
    if step.is_question:
        return "?"
    if step.key_warning:
        return "!"
    if step.escalate:
        return "+"
    return "=" if step.end is not None else ">"


def _ways(step: Step) -> str:
    if step.end is not None:
        return f"ends: {step.end}"
    ways = [f"{key} -> {target}" for key, target in routes(step).items() if key not in {"or_else", "next"}]
    if step.is_question:
        return f"{step.asks}?  " + ", ".join([*ways, f"{_ELSE}-> {step.or_else or step.no}"])
    if step.next == BACK:
        return "-> back to where it was heard"
    return f"if nobody is free -> {step.next}" if step.escalate else f"-> {step.next}"
