"""A script's dialogue as a picture: a tree of lines for a terminal, or a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.checks import routes
from scripts.model import BACK, Script, Step
from scripts.timing import step_s

LEGEND = "? asks   ! key warning, heard out   + hands over to a human   = ends   > speaks   (seconds, estimated)"


def outline(script: Script) -> str:
    """The dialogue from its start; a step that several others lead to stands by itself, and arrows name it."""
    head = f"{script.name}: {script.title}" + (f" ({script.scam_type})" if script.scam_type else "")
    pace = f", voice at {script.rate:.0%}, waits {script.patience:g} times as long" if script.rate < 1 else ""
    tree = _Tree(script)
    lines = [f"{head}, version {script.version}{pace}", LEGEND, *tree.sections(script.start)]
    if script.hears:
        lines += ["", "heard at any time, once a call:"]
        for target in dict.fromkeys(script.hears.values()):
            signals = ", ".join(signal for signal, led in script.hears.items() if led == target)
            lines += ["", f"{signals}:", *tree.sections(target)[1:]]
    return "\n".join(lines)


def mermaid(script: Script) -> str:
    """The dialogue as a Mermaid flowchart; what may be heard at any time enters by dotted arrows."""
    lines = ["flowchart TD"]
    shapes = {"?": ("{{", "}}"), "!": ("[[", "]]"), "+": ("[/", "/]"), "=": ("([", "])"), ">": ("[", "]")}
    for name, step in script.steps.items():
        left, right = shapes[sign(step)]
        end = f"<br/>= {step.end}" if step.end else ""
        lines.append(f'  {_node(name)}{left}"<b>{name}</b><br/>{_quoted(step.say)}{end}"{right}')
    for name, step in script.steps.items():
        for label, target in _ways(step):
            if target != BACK:
                lines.append(f'  {_node(name)} -->|"{label}"| {_node(target)}' if label else _arrow(name, target))
    if script.hears:
        lines.append('  heard(("heard at<br/>any time"))')
        lines += [f'  heard -.->|"{signal}"| {_node(target)}' for signal, target in script.hears.items()]
    return "\n".join(lines)


def sign(step: Step) -> str:
    """What kind of step it is, in one character: see `LEGEND`."""
    if step.is_question:
        return "?"
    if step.key_warning:
        return "!"
    if step.escalate:
        return "+"
    return "=" if step.end is not None else ">"


class _Tree:
    """Draws every step once."""

    def __init__(self, script: Script) -> None:
        self._script = script
        led_to = [target for step in script.steps.values() for _, target in _ways(step)]
        self._joins = {name for name in script.steps if led_to.count(name) > 1} | set(script.hears.values())
        self._drawn: set[str] = set()

    def sections(self, name: str) -> list[str]:
        """A step with all that only it leads to, then the steps that it shares with others; empty lines between."""
        lines: list[str] = []
        waiting = [name]
        while waiting:
            name = waiting.pop(0)
            if name in self._drawn:
                lines += [] if lines else ["", f"-> {name}"]
                continue
            lines += ["", *self._from(name, waiting)]
        return lines

    def _from(self, name: str, waiting: list[str]) -> list[str]:
        drawn: list[str] = []
        while True:
            if name in self._drawn or (drawn and name in self._joins):
                waiting.append(name)
                return [*drawn, f"-> {name}"]
            self._drawn.add(name)
            step = self._script.steps[name]
            drawn += self._step(name, step)
            ways = list(_ways(step))
            if len(ways) == 1 and not step.escalate and ways[0][1] != BACK:
                name = ways[0][1]
                continue
            return [*drawn, *self._branches(ways, waiting)]

    def _step(self, name: str, step: Step) -> Iterator[str]:
        notes = [f"{step_s(self._script, name):.1f} s"]
        notes += [f"a yes asserts {step.asks}"] if step.asks else []
        notes += [f"ends as {step.end}"] if step.end else []
        yield f"{sign(step)} {name}  {step.say}  ({', '.join(notes)})"
        if step.again:
            yield f"│  again: {step.again}"

    def _branches(self, ways: list[tuple[str, str]], waiting: list[str]) -> Iterator[str]:
        for number, (label, target) in enumerate(ways):
            last = number == len(ways) - 1
            if target == BACK:
                below = ["-> back to where it was heard"]
            elif target in self._joins:
                below = [f"-> {target}"]
                waiting.append(target)
            else:
                below = self._from(target, waiting)
            yield f"{'└─' if last else '├─'} {label}: {below[0]}"
            yield from (f"{'   ' if last else '│  '}{line}" for line in below[1:])


def _ways(step: Step) -> Iterator[tuple[str, str]]:
    """Where a step leads, each with the reply that leads there; replies that lead to one step come together."""
    if step.is_question:
        ways = {key: target for key, target in routes(step).items() if key not in {"or_else", "next"}}
        ways["twice no reply"] = step.or_else or step.no or ""
        for target in dict.fromkeys(ways.values()):
            if target:
                yield ", ".join(key for key, led in ways.items() if led == target), target
    elif step.next is not None:
        yield ("nobody free" if step.escalate else "then" if step.next == BACK else ""), step.next


def _node(name: str) -> str:
    # a word of Mermaid's own, such as "end", is no name of a node
    return "s_" + "".join(char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in name)


def _arrow(name: str, target: str) -> str:
    return f"  {_node(name)} --> {_node(target)}"


def _quoted(text: str) -> str:
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
