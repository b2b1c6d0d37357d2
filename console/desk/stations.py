"""Where dissuaders say they stand."""

from __future__ import annotations

from campaigns.staff import Station
from campaigns.store import Store
from console.desk.session import Visit


async def stand(visit: Visit, station: Station) -> None:
    """The user is ready, on a break or away: for store, audit trail and floor. Raises the floor's `LiveError`."""
    user, now = visit.user, visit.desk.clock()
    await visit.desk.store.call(lambda s: s.set_station(user.login, station, now=now))
    await visit.audit("station.set", detail={"station": station.value})
    if visit.desk.live is not None:
        await visit.desk.live.set_station(user.login, ready=station is Station.READY, phone=user.phone)


async def standing(visit: Visit) -> Station:
    """Where the user said they stand."""

    def read(store: Store) -> Station:
        own = (each.station for each in store.presences() if each.user.login == visit.user.login)
        return next(own, Station.AWAY)

    return await visit.desk.store.call(read, wake=False)
