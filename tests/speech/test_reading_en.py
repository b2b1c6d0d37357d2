"""What an English prompt sounds like. Every row is a sentence, or a piece of one, from a dissuasion call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.reading import read_aloud

pytestmark = pytest.mark.unit

CASES = [
    # hotlines and telephone numbers
    ("Please call 96110.", "Please call nine six one one zero."),
    ("Call 911 now", "Call nine one one now"),
    ("call 300 people", "call three hundred people"),
    ("Ring us back on +1 202 555 0123", "Ring us back on plus one, two zero two, five five five, zero one two three"),
    ("(202) 555-0123", "two zero two, five five five, zero one two three"),
    ("202-555-0123 ext. 45", "two zero two, five five five, zero one two three, extension four five"),
    ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
    ("the number 2025550123", "the number two zero two five five five zero one two three"),
    # cards, codes, cases
    ("your card ending in 6228", "your card ending in six two two eight"),
    ("account ending 0042", "account ending zero zero four two"),
    ("4111 1111 1111 1111", "four one one one, one one one one, one one one one, one one one one"),
    ("Your code is 384729.", "Your code is three eight four seven two nine."),
    ("case number 2024051", "case number two zero two four zero five one"),
    ("badge 012345", "badge zero one two three four five"),
    ("flight AB1234", "flight A B one two three four"),
    ("Officer no. 5", "Officer number five"),
    # money
    ("$1,200.50", "one thousand two hundred dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$0.99", "ninety nine cents"),
    ("$2.4 million", "two point four million dollars"),
    ("$10k", "ten thousand dollars"),
    ("$1,000-$2,000", "one thousand dollars to two thousand dollars"),
    ("£20.01", "twenty pounds and one penny"),
    ("¥500", "five hundred yuan"),
    ("968,000 yuan", "nine hundred and sixty eight thousand yuan"),
    # dates and times
    ("on May 3, 2024", "on May third, twenty twenty four"),
    ("on 3 May 2024", "on May third, twenty twenty four"),
    ("2024-05-03", "May third, twenty twenty four"),
    ("05/03/2024", "May third, twenty twenty four"),
    ("Sept 21st", "September twenty first"),
    ("since 1999", "since nineteen ninety nine"),
    ("in 2005", "in two thousand and five"),
    ("in 1905", "in nineteen oh five"),
    ("at 14:30", "at fourteen thirty"),
    ("at 09:05", "at nine oh five"),
    ("at 9:00", "at nine o'clock"),
    ("at 9:30 a.m.", "at nine thirty a m"),
    ("at 3pm", "at three p m"),
    ("9:00-18:00", "nine o'clock to eighteen hundred"),
    ("24/7", "twenty four seven"),
    # numbers
    ("12,345 people", "twelve thousand three hundred and forty five people"),
    ("the 2nd call", "the second call"),
    ("3.5%", "three point five percent"),
    ("3-5%", "three to five percent"),
    ("within 3-5 days", "within three to five days"),
    ("one in 3/4", "one in three quarters"),
    ("1/2", "one half"),
    ("room 301", "room three oh one"),
    ("room 1205", "room one two oh five"),
    ("room 1215", "room twelve fifteen"),
    ("-5°C", "minus five degrees Celsius"),
    ("1 km", "one kilometre"),
    ("1.5 hours", "one point five hours"),
    # letters, keys, signs, pictures
    ("your ATM PIN", "your A T M PIN"),
    ("a VPN and a QR code", "a V P N and a Q R code"),
    ("WhatsApp", "whats app"),
    ("Press 1, or press #", "Press one, or press hash"),
    ("www.example.com", "W W W dot example dot com"),
    ("Mr. Hale & Dr. Reyes", "Mister Hale and Doctor Reyes"),
    ("Hello 😊", "Hello"),
    ("a “safe account”…", "a safe account"),
    ("Stop; do not pay (at all).", "Stop, do not pay, at all."),
    ("ｃａｌｌ　１１０", "call one one zero"),
]


@pytest.mark.parametrize(("written", "spoken"), CASES, ids=[case[0] for case in CASES])
def test_english_is_read_as_a_person_reads_it(written: str, spoken: str) -> None:
    assert read_aloud(written, "en-US") == spoken


@pytest.mark.parametrize("spoken", [case[1] for case in CASES])
def test_what_has_been_read_already_stays_as_it_is(spoken: str) -> None:
    assert read_aloud(spoken, "en-US") == spoken


@given(st.text(alphabet="0123456789.,:-/%$£ MayinthcaldroomNo+*#()AB", max_size=24))
def test_no_digit_is_ever_left_to_the_synthesiser(text: str) -> None:
    assert not any(character.isdigit() and character.isascii() for character in read_aloud(text, "en-GB"))
