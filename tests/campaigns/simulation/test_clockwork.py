"""The parts of a simulated day: time, chance, levels, the queue's books, dissuaders, the profile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest
from ruamel.yaml import YAML

from campaigns.model import Case, CaseState, Grade, Lead
from campaigns.simulation.clock import Clock
from campaigns.simulation.deliveries import working_time
from campaigns.simulation.desk import Desk, Offer
from campaigns.simulation.draws import Choice, Span, derived
from campaigns.simulation.levels import Level
from campaigns.simulation.measures import Measures, Waits
from campaigns.simulation.people import DAY_S, People
from campaigns.simulation.profile import STANDARD_FILE, Profile, ProfileError, load, standard
from campaigns.simulation.queueing import Waiting

pytestmark = pytest.mark.unit


def test_things_happen_in_the_order_of_their_times_and_then_of_their_setting() -> None:
    clock, seen = Clock(10.0), []
    clock.at(12.0, lambda: seen.append(("b", clock.now)))
    clock.at(11.0, lambda: seen.append(("a", clock.now)))
    clock.at(12.0, lambda: seen.append(("c", clock.now)))
    clock.at(3.0, lambda: seen.append(("late", clock.now)))
    clock.after(1.5, lambda: clock.after(0.1, lambda: seen.append(("inner", clock.now))))
    clock.at(11.2, lambda: seen.append(("called off", 0.0))).call_off()
    clock.run(12.5)
    assert seen == [("late", 10.0), ("a", 11.0), ("inner", 11.6), ("b", 12.0), ("c", 12.0)]
    assert clock.now == 12.5


def test_a_span_is_drawn_with_its_median_and_its_95th_percentile() -> None:
    span, chance = Span(median="1min", p95="10min"), Random(1)
    drawn = sorted(span.draw(chance) for _ in range(20_000))
    assert drawn[10_000] == pytest.approx(60.0, rel=0.05)
    assert drawn[19_000] == pytest.approx(600.0, rel=0.08)


def test_a_choice_is_drawn_by_its_shares() -> None:
    choice, chance = Choice({"a": 0.2, "b": 0.0, "c": 0.8}), Random(1)
    drawn = [choice.draw(chance) for _ in range(10_000)]
    assert drawn.count("a") == pytest.approx(2_000, rel=0.1)
    assert "b" not in drawn


def test_sources_of_chance_differ_in_every_part_and_repeat() -> None:
    assert derived(1, 2, 3).random() == derived(1, 2, 3).random()
    assert len({derived(*parts).random() for parts in [(1, 2, 3), (1, 3, 2), (2, 2, 3), (1, 2, 3, 0)]}) == 4


def test_a_level_knows_how_long_it_stood_how_high_in_each_hour() -> None:
    level = Level(0.0)
    level.change(2, 1800.0)
    level.change(1, 3600.0 + 360.0)
    level.change(-3, 7200.0)
    level.settle(7200.0 + 3600.0)
    assert [level.highest(hour) for hour in range(3)] == [2, 3, 0]
    assert level.mean(0) == pytest.approx(1.0)
    assert level.mean(1) == pytest.approx(2.9)
    assert level.share(0.5, 0) == 0
    assert level.share(0.51, 0) == 2
    assert level.highest() == 3


def test_what_rose_before_the_day_begins_stands_when_it_begins() -> None:
    level = Level(100.0)
    level.change(4, 50.0)
    level.change(1, 100.0)
    level.settle(3700.0)
    assert level.mean(0) == 5.0


def test_waits_in_vain_count_as_longer_than_any() -> None:
    assert Waits.of([1.0, 2.0, 3.0, 4.0]) == Waits(4, 2.0, 4.0, 4.0)
    assert Waits.of([1.0, 2.0, 3.0, 4.0], endless=1) == Waits(5, 3.0, None, None)
    assert Waits.of([]) == Waits(0, None, None, None)


def test_the_books_of_the_queue_follow_each_plan() -> None:
    level = Level(0.0)
    waiting = Waiting(level)
    waiting.planned(1, 5.0, 0.0)
    waiting.planned(2, 3.0, 0.0)
    assert not waiting.any_due(2.0)
    assert waiting.next_at() == 3.0
    assert waiting.any_due(3.0)
    waiting.planned(2, 9.0, 3.0)
    assert not waiting.any_due(4.0)
    assert waiting.any_due(5.0)
    waiting.gone(1, 6.0)
    assert not waiting.any_due(6.0)
    assert waiting.next_at() == 9.0
    assert level.height == 0


@dataclass
class Desked:
    """What a desk did with calls."""

    clock: Clock
    desk: Desk
    done: list[tuple[str, float]] = field(default_factory=list)

    def offer(self, name: str, at: float, *, urgency: int = 1) -> None:
        def told(what: str) -> None:
            self.done.append((f"{name} {what}", round(self.clock.now, 1)))

        offer = Offer(
            urgency,
            Random(name),
            1.0,
            rang=lambda who: told(f"rings {who}"),
            joined=lambda who, _talk_s, _wrap_up_s: told(f"joins {who}"),
            nobody=lambda: told("in vain"),
            left=lambda: told("leaves"),
        )
        self.clock.at(at, lambda: self.desk.offer(offer))


def desked(count: int, **settings: object) -> Desked:
    fixed = {
        "answers_in": {"median": "4s", "p95": "4s"},
        "talk": {"median": "100s", "p95": "100s"},
        "wrap_up": {"median": "10s", "p95": "10s"},
        "subject_waits": {"median": "1h", "p95": "1h"},
        "misses": 0.0,
        "whisper": "1s",
        "on_duty": [1.0] * 24,
        **settings,
    }
    dissuaders = type(standard().dissuaders).model_validate(
        {**standard().dissuaders.model_dump(by_alias=True), **fixed}
    )
    clock = Clock(0.0)
    desk = Desk(clock, dissuaders, count, Measures(0.0), midnight_at=0.0)
    desk.work()
    return Desked(clock, desk)


def test_a_free_dissuader_is_rung_at_once_and_joined_after_answer_and_whisper() -> None:
    found = desked(1)
    found.offer("a", 10.0)
    found.clock.run(100.0)
    assert found.done == [("a rings D001", 10.0), ("a joins D001", 15.0)]


def test_the_most_urgent_goes_first_when_a_dissuader_is_free_again() -> None:
    found = desked(1, waits="10min")
    found.offer("a", 10.0)
    found.offer("low", 11.0, urgency=1)
    found.offer("high", 12.0, urgency=5)
    found.clock.run(300.0)
    assert [each for each in found.done if "joins" in each[0]] == [
        ("a joins D001", 15.0),
        ("high joins D001", 130.0),
        ("low joins D001", 245.0),
    ]


def test_who_waits_longer_than_the_desk_allows_waits_in_vain() -> None:
    found = desked(1)
    found.offer("a", 10.0)
    found.offer("b", 20.0)
    found.clock.run(300.0)
    assert ("b in vain", 50.0) in found.done


def test_a_subject_who_loses_patience_while_a_phone_rings_frees_it() -> None:
    found = desked(1, subject_waits={"median": "2s", "p95": "2s"})
    found.offer("a", 10.0)
    found.offer("b", 13.0)
    found.clock.run(20.0)
    assert found.done == [
        ("a rings D001", 10.0),
        ("a leaves", 12.0),
        ("b rings D001", 13.0),
        ("b leaves", 15.0),
    ]


def test_a_phone_that_is_not_taken_sends_the_call_to_the_next() -> None:
    found = desked(2, answers_in={"median": "25s", "p95": "25s"}, waits="60s")
    found.offer("a", 10.0)
    found.clock.run(200.0)
    rung = [each for each in found.done if "rings" in each[0]]
    assert rung[:3] == [("a rings D001", 10.0), ("a rings D002", 30.0), ("a rings D001", 90.0)]


def test_nobody_on_duty_is_told_at_once() -> None:
    found = desked(0)
    found.offer("a", 10.0)
    found.clock.run(20.0)
    assert found.done == [("a in vain", 10.0)]


def test_dissuaders_come_and_go_by_the_hour_and_finish_their_calls() -> None:
    found = desked(2, on_duty=[1.0, 0.5] + [0.0] * 22, talk={"median": "2h", "p95": "2h"})
    found.offer("a", 10.0)
    found.offer("b", 20.0)
    found.offer("c", 3700.0)
    found.offer("d", 3 * 3600.0)
    found.clock.run(4 * 3600.0)
    joined = [name for name, _ in found.done if "joins" in name]
    assert joined == ["a joins D001", "b joins D002"]
    assert ("d in vain", 3 * 3600.0) in found.done


def test_work_that_is_not_done_in_the_evening_is_done_in_the_morning() -> None:
    hours = {"midnight_at": 0.0, "open_from": 7, "open_until": 22}
    assert working_time(10 * 3600.0, 3600.0, **hours) == 11 * 3600.0
    assert working_time(21.5 * 3600.0, 3600.0, **hours) == DAY_S + 7.5 * 3600.0
    assert working_time(3 * 3600.0, 3600.0, **hours) == 8 * 3600.0
    assert working_time(23 * 3600.0, 16 * 3600.0, **hours) == 2 * DAY_S + 8 * 3600.0


def test_people_are_as_the_profile_says() -> None:
    profile, people = standard(), People(standard(), 1, midnight_at=0.0)
    made = [people.make(n, 36_000.0) for n in range(6_000)]
    for grade, each in profile.grades.items():
        of_grade = [person for person in made if person.lead.grade is grade]
        assert len(of_grade) / len(made) == pytest.approx(each.share, rel=0.1)
        if grade is not Grade.LOW:
            share = sum(person.in_danger for person in of_grade) / len(of_grade)
            assert share == pytest.approx(each.in_danger, rel=0.25)
    assert sum(bool(person.lead.relatives) for person in made) / len(made) == pytest.approx(profile.relatives, rel=0.1)
    numbers = {each.lead.number for person in made for each in (person, *person.relatives)}
    assert len(numbers) == len(made) + sum(len(person.relatives) for person in made)


def test_who_is_held_on_the_telephone_is_busy_until_the_money_has_gone() -> None:
    people = People(standard(), 1, midnight_at=0.0)
    made = (people.make(n, 36_000.0) for n in range(5_000))
    held = [person for person in made if person.held[1] > 36_600.0 and not person.invalid]
    assert len(held) > 20
    assert sum(people.ring(person, 36_600.0).outcome == "busy" for person in held) > 0.85 * len(held)
    assert all(person.loses_money_at == person.held[1] for person in held)
    after = [person.held[1] + 1.0 for person in held]
    again = [people.ring(person, at).outcome for person, at in zip(held, after, strict=True)]
    assert again.count("busy") < 0.15 * len(held)


def test_whoever_is_stopped_is_held_no_longer() -> None:
    people = People(standard(), 1, midnight_at=0.0)
    person = next(each for each in (people.make(n, 0.0) for n in range(5_000)) if each.held[1] > 600.0)
    person.stop(300.0)
    assert not person.is_in_danger(301.0)
    assert person.held[1] == 300.0
    assert not person.has_lost_money


def written(tmp_path: Path, **changes: object) -> Path:
    yaml = YAML(typ="safe", pure=True)
    data = yaml.load(STANDARD_FILE.read_text(encoding="utf-8"))
    data.update(changes)
    file = tmp_path / "profile.yaml"
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)
    return file


def test_the_built_in_profile_can_be_copied_and_changed(tmp_path: Path) -> None:
    assert load(written(tmp_path)) == standard()
    assert load(written(tmp_path, leads=123)) == Profile.model_validate(
        {**standard().model_dump(by_alias=True), "leads": 123}
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leads": 0}, "leads: "),
        ({"leeds": 5}, "leeds: "),
        ({"by_hour": [1.0] * 23}, "by_hour: write 24 figures"),
        ({"precincts": {"一": 0.4, "二": 0.4}}, "precincts: the shares come to 0.8"),
        ({"grades": {"high": {"share": 1.0, "in_danger": 0.1}}}, "grades: nothing is said for medium"),
        ({"relatives": 1.5}, "relatives: "),
        ({"amount": {"known": 0.1, "median": "much", "p95": 5}}, "amount.median: "),
    ],
)
def test_a_profile_that_cannot_be_used_says_where_and_why(
    changes: dict[str, object], words: str, tmp_path: Path
) -> None:
    file = written(tmp_path, **changes)
    with pytest.raises(ProfileError) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert words in str(refused.value)


def test_a_profile_that_is_no_yaml_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "profile.yaml"
    with pytest.raises(ProfileError, match="cannot read"):
        load(file)
    file.write_text("a: [1", encoding="utf-8")
    with pytest.raises(ProfileError, match="not YAML"):
        load(file)


def test_a_first_call_counts_once() -> None:
    measures = Measures(100.0)
    case = Case(1, 1, Lead("+8611100000001"), CaseState.QUEUED, 1, 150.0, 0, None, created_at=140.0)
    measures.first_call(replace(case, id=2), 99.0)
    measures.first_call(case, 160.0)
    for each in (1, 2):
        measures.first_call(replace(case, id=each), 500.0)
    found = measures.first_calls(Grade.MEDIUM)
    assert found.from_warning == Waits(1, 20.0, 20.0, 20.0)
    assert found.from_permitted == Waits(1, 10.0, 10.0, 10.0)
    assert found.late == 0
