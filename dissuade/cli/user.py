"""``dissuade user``."""

from __future__ import annotations

import getpass
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.staff import TICKET_S, Role
from dissuade.cli.state import Json, state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaigns.staff import User
    from campaigns.store import Store
    from dissuade.config import Config

app = typer.Typer(help="Who works at the desk: log-ins, roles, passwords.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Lower case letters, digits, '.', '_' and '-'.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line, instead of asking.")
]
Ticket = Annotated[bool, typer.Option("--ticket", help="Set no password: print a one-time log-in instead.")]
LONGEST_TICKET_S = 86_400.0
PHONE = "SIP URI of their phone, which calls ring."


@app.callback()
def group() -> None:
    """Who works at the desk: log-ins, roles, passwords."""


@app.command()
def add(
    context: typer.Context,
    login: Login,
    *,
    name: Annotated[str, typer.Option("--name", help="As shown to others.")],
    role: Annotated[list[Role], typer.Option("--role", help="What they are; may be given several times.")],
    phone: Annotated[
        str, typer.Option("--phone", metavar="SIP-URI", help=f"{PHONE} Default: the page is the phone.")
    ] = "",
    password_stdin: PasswordStdin = False,
    ticket: Ticket = False,
    json: Json = False,
) -> None:
    """Let somebody work at the desk. The password is asked for twice; there is none by default.

    The first administrator is made by this command; users can be made at the desk from then on.
    """
    from dissuade.cli.output import print_json, say
    from dissuade.storage import opened

    if password_stdin and ticket:
        raise typer.BadParameter("give either --password-stdin or --ticket")
    shown, uri = _name(name), _phone(phone)
    config = state(context).config
    hashed = "" if ticket else _chosen(login, stdin=password_stdin)
    with opened(config) as store:
        now = time.time()
        made = store.add_user(login, name=shown, roles=role, password=hashed, phone=uri, now=now, by=_by())
        _audit(store, "user.added", now, login=login, roles=sorted(made.roles))
        entry = _give_ticket(config, store, login, TICKET_S, now) if ticket else {}
    if json:
        print_json({**_plain(made), **entry})
        return
    say(f"{made.login} ({made.name}) may work at the desk: {_roles(made)}")
    _say_ticket(entry)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """Users, those who may not log in any more, too."""
    from dissuade.cli.output import print_json, say, table, when
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        found = store.users()
    if json:
        print_json([_plain(each) for each in found])
    elif not found:
        say("no users yet; make the first with: dissuade user add LOGIN --name NAME --role administrator")
    else:
        table(
            ["log-in", "name", "roles", "phone", "made", "disabled"],
            [
                [
                    each.login,
                    each.name,
                    _roles(each),
                    each.phone or "the page",
                    when(each.created_at),
                    when(each.disabled_at),
                ]
                for each in found
            ],
        )


@app.command()
def change(
    context: typer.Context,
    login: Login,
    *,
    name: Annotated[str | None, typer.Option("--name", help="As shown to others.")] = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="What they are from now on; may be given several times.")
    ] = None,
    phone: Annotated[
        str | None, typer.Option("--phone", metavar="SIP-URI", help=f"{PHONE} '': the page is the phone.")
    ] = None,
    json: Json = False,
) -> None:
    """Change what is given. It holds at once, for whoever is logged in, too."""
    from dissuade.storage import opened

    if name is None and not role and phone is None:
        raise typer.BadParameter("give --name, --role or --phone")
    shown = None if name is None else _name(name)
    uri = None if phone is None else _phone(phone)
    with opened(state(context).config) as store:
        now = time.time()
        changed = store.change_user(login, name=shown, roles=role or None, phone=uri, now=now, by=_by())
        given = {"name": shown, "roles": sorted(changed.roles) if role else None, "phone": uri}
        _audit(store, "user.changed", now, login=login, **{what: to for what, to in given.items() if to is not None})
    _tell(changed, f"{changed.login} ({changed.name}): {_roles(changed)}, {changed.phone or 'the page'}", json=json)


@app.command()
def password(context: typer.Context, login: Login, password_stdin: PasswordStdin = False, json: Json = False) -> None:
    """Set another password, which is asked for twice. Whoever is logged in as this user no longer is."""
    from campaigns.store import NotFoundError
    from dissuade.storage import opened

    config = state(context).config
    with opened(config) as store:
        user = store.user(login)
    if user is None:
        raise NotFoundError(f"there is no user {login}; see: dissuade user list")
    hashed = _chosen(login, stdin=password_stdin)
    with opened(config) as store:
        now = time.time()
        store.set_password(login, hashed, now=now, by=_by())
        _audit(store, "user.password_set", now, login=login)
    _tell(user, f"{login} has another password", json=json)


@app.command()
def disable(context: typer.Context, login: Login, json: Json = False) -> None:
    """Let a user log in no more, and end their sessions. The last administrator cannot be disabled."""
    _set_disabled(context, login, disabled=True, json=json)


@app.command()
def enable(context: typer.Context, login: Login, json: Json = False) -> None:
    """Let a user who was disabled log in again."""
    _set_disabled(context, login, disabled=False, json=json)


@app.command()
def ticket(
    context: typer.Context,
    login: Login,
    for_: Annotated[str, typer.Option("--for", metavar="SPAN", help="How long it may wait: 15min, 1h.")] = "15min",
    json: Json = False,
) -> None:
    """Print a link by which a user may log in once, without a password. It is shown this once."""
    from campaigns.policy.durations import seconds
    from dissuade.cli.output import print_json
    from dissuade.storage import opened

    try:
        span_s = seconds(for_)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None
    if not 0 < span_s <= LONGEST_TICKET_S:
        raise typer.BadParameter("at most 24h", param_hint="--for")
    config = state(context).config
    with opened(config) as store:
        entry = _give_ticket(config, store, login, span_s, time.time())
    if json:
        print_json({"login": login, **entry})
    else:
        _say_ticket(entry)


def _set_disabled(context: typer.Context, login: str, *, disabled: bool, json: bool) -> None:
    from dissuade.storage import opened

    with opened(state(context).config) as store:
        now = time.time()
        changed = store.change_user(login, disabled=disabled, now=now, by=_by())
        _audit(store, "user.changed", now, login=login, disabled=disabled)
    _tell(changed, f"{login} may {'not log in any more' if disabled else 'log in'}", json=json)


def _tell(user: User, line: str, *, json: bool) -> None:
    from dissuade.cli.output import print_json, say

    if json:
        print_json(_plain(user))
    else:
        say(line)


def _chosen(login: str, *, stdin: bool) -> str:
    """The hash of a password that somebody types, twice on a terminal."""
    from campaigns.passwords import hash_password
    from dissuade.errors import DissuadeError

    if stdin:
        try:
            typed = sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise DissuadeError("the password on standard input is not UTF-8", "send it as UTF-8") from None
    elif sys.stdin.isatty():
        typed = getpass.getpass(f"password for {login}: ")
        if typed != getpass.getpass("again: "):
            raise DissuadeError("the two passwords differ; nothing was changed", "try again")
    else:
        raise typer.BadParameter("there is no terminal to ask on; give --password-stdin", param_hint="password")
    return hash_password(typed, login=login)


def _give_ticket(config: Config, store: Store, login: str, span_s: float, now: float) -> dict[str, object]:
    from campaigns.staff import new_ticket

    text, digest = new_ticket()
    store.add_ticket(login, digest, until_at=now + span_s, now=now, by=_by())
    _audit(store, "user.ticket_made", now, login=login)
    path = f"/log-in/{text}"
    return {"ticket": text, "path": path, "link": _address(config) + path, "until_at": now + span_s}


def _say_ticket(entry: Mapping[str, object]) -> None:
    from dissuade.cli.output import say, when

    until_at = entry.get("until_at")
    if isinstance(until_at, float):
        where = "" if entry["link"] != entry["path"] else ", at the desk's address"
        say(f"one log-in without a password until {when(until_at)}{where}, shown this once:")
        say(str(entry["link"]))


def _address(config: Config) -> str:
    """Where browsers find the desk, as far as the configuration tells; empty: it does not."""
    desk = config.desk
    host = desk.names[0] if desk.names else desk.host
    if desk.proxied:
        return f"https://{host}" if desk.names else ""
    if not desk.port or host in {"0.0.0.0", "::"}:  # noqa: S104 (nothing listens here)
        return ""
    return f"{'https' if desk.certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{desk.port}"


def _audit(store: Store, action: str, now: float, **detail: object) -> None:
    store.audit(action, by=_by(), now=now, detail=detail)


def _by() -> str:
    return f"cli:{getpass.getuser()}"


def _name(given: str) -> str:
    plain = " ".join(given.split())
    if not plain or len(plain) > 100:
        raise typer.BadParameter("1 to 100 characters", param_hint="--name")
    return plain


def _phone(given: str) -> str:
    if given and (not given.startswith(("sip:", "sips:")) or len(given.split()) != 1):
        raise typer.BadParameter("write it as sip:8001@192.0.2.10", param_hint="--phone")
    return given


def _roles(user: User) -> str:
    return ", ".join(sorted(user.roles))


def _plain(user: User) -> dict[str, object]:
    return {
        "login": user.login,
        "name": user.name,
        "roles": sorted(user.roles),
        "phone": user.phone,
        "language": user.language,
        "theme": user.theme,
        "keys": user.keys,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
    }
