"""Vosk with the bundled models hears held-out voices over a telephone line, word for word."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from speech.models import ModelError
from speech.recognition import Recogniser, load, tidy
from tests.speech.callers import Sound, noise, over_the_line, pieces, say, silence

pytestmark = pytest.mark.voice


def hear(recogniser: Recogniser, pcm: bytes, milliseconds: int = 60) -> str:
    recogniser.start()
    for piece in pieces(pcm, milliseconds):
        recogniser.feed(piece)
    return recogniser.finish().text


MANDARIN = [
    ("喂，你好", "f4"),
    ("你好，哪位", "m5"),
    ("没有，我没有接到这样的电话", "Andrea"),
    ("没有", "quincy"),
    ("好的，我知道了，谢谢", "victor"),
    ("有，他说他是公安局的", "klatt4"),
    ("我现在正在和他打电话", "Nguyen"),
    ("他让我不要告诉家人", "steph2"),
    ("有，我已经转了五万块", "michel"),
    ("转了，昨天转了三万", "Michael"),
    ("你打错了，我不是他", "f4"),
    ("他不在，我是他朋友", "m5"),
    ("我没有被骗，我是按流程操作的", "Andrea"),
    ("我没被骗，我按规定流程操作", "quincy"),
    ("什么事", "victor"),
    ("不需要，再见", "klatt4"),
    ("您好，我现在不方便接听电话，请在嘀声后留言", "Nguyen"),
    ("您好，您拨打的用户已关机", "steph2"),
    ("您呼叫的号码是空号，请核对后再拨", "michel"),
    ("对不起，您拨打的用户暂时无法接通", "Michael"),
    ("我要转人工", "m5"),
    ("听不清，再说一遍", "quincy"),
    ("我把验证码告诉他了", "victor"),
    ("我打开了屏幕共享", "Nguyen"),
]


@pytest.mark.parametrize(("words", "voice"), MANDARIN)
def test_mandarin_replies_are_heard_word_for_word(words: str, voice: str) -> None:
    assert hear(Recogniser("zh"), say(words, voice=voice)) == words.replace("，", "")


ENGLISH = [
    ("hello", "f4"),
    ("hello who is this", "m5"),
    ("no nobody called me", "quincy"),
    ("yes he said he is a police officer", "victor"),
    ("yes i am on the phone with him right now", "klatt4"),
    ("he told me not to tell my family", "Nguyen"),
    ("yes i already sent five thousand dollars", "steph2"),
    ("you have the wrong number", "michel"),
    ("he is not here i am his friend", "Michael"),
    ("i am not being defrauded i am following the procedure", "m5"),
    ("okay i understand thank you", "quincy"),
    ("hello i can not take your call right now please leave a message after the tone", "Nguyen"),
]


@pytest.mark.parametrize(("words", "voice"), ENGLISH)
def test_english_replies_are_heard_word_for_word(words: str, voice: str) -> None:
    assert hear(Recogniser("en"), say(words, voice=voice, language="en")) == words


@pytest.mark.parametrize("milliseconds", [20, 100, 1000])
def test_the_same_audio_gives_the_same_text_in_pieces_of_any_length(milliseconds: int) -> None:
    pcm = say("有，我已经转了五万块", voice="m5")
    assert hear(Recogniser("zh"), pcm, milliseconds) == "有我已经转了五万块"


def test_words_come_with_times_and_confidence_on_the_clock_of_the_start() -> None:
    recogniser = Recogniser("zh")
    hear(recogniser, say("没有", voice="m5", before_s=2.0))
    recogniser.start()
    recogniser.feed(say("他在银行", voice="m5", before_s=0.5))
    words = recogniser.finish().words
    assert [word.text for word in words] == ["他", "在", "银行"]
    assert words[0].start_s == pytest.approx(0.5, abs=0.1)
    assert all(first.end_s <= second.start_s + 0.01 for first, second in pairwise(words))
    assert all(0 < word.confidence <= 1 for word in words)


def test_partials_grow_while_the_sentence_is_spoken() -> None:
    recogniser = Recogniser("zh")
    recogniser.start()
    partials: list[str] = []
    for piece in pieces(say("我已经转了五万块", voice="victor")):
        recogniser.feed(piece)
        if recogniser.partial() not in {"", *partials[-1:]}:
            partials.append(recogniser.partial())
    assert len(partials) >= 3
    assert partials[-1] == "我已经转了五万块"
    assert partials[0] in partials[-1]


def test_sentences_parted_by_a_long_silence_are_one_text() -> None:
    pcm = say("没有", voice="m5", after_s=1.5) + say("我没有转账", voice="m5")
    assert hear(Recogniser("zh"), pcm) == "没有我没有转账"


@pytest.mark.parametrize(
    "sound",
    [silence(4), noise(4, 0.01), noise(4, 0.1)],
    ids=["silence", "soft noise", "loud noise"],
)
@pytest.mark.parametrize("model", ["zh", "en"])
def test_no_words_are_heard_where_there_are_none(model: str, sound: Sound) -> None:
    assert hear(Recogniser(model), over_the_line(sound)) == ""


def test_nothing_fed_is_nothing_heard() -> None:
    recogniser = Recogniser("zh")
    assert recogniser.finish().text == ""
    recogniser.feed(b"")
    assert recogniser.finish().text == ""


def test_half_a_sample_is_refused_before_it_reaches_kaldi() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        Recogniser("zh").feed(b"abc")


def test_a_final_result_that_is_empty_gives_the_last_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser = Recogniser("zh")
    recogniser.start()
    recogniser.feed(say("我没有转账", voice="m5", after_s=0.1))
    partial = recogniser.partial()
    assert partial == "我没有转账"
    monkeypatch.setattr(recogniser._vosk, "FinalResult", lambda: '{"text": ""}')
    assert recogniser.finish().text == partial


def test_a_grammar_limits_what_can_be_heard() -> None:
    limited = Recogniser("zh-grammar", grammar=["没有", "有"])
    assert hear(limited, say("没有", voice="m5")) == "没有"
    assert "转账" not in hear(limited, say("我要转账", voice="m5"))


def test_the_dynamic_model_hears_without_a_grammar_too() -> None:
    assert hear(Recogniser("zh-grammar"), say("他让我不要告诉家人", voice="m5")) == "他让我不要告诉家人"


def test_a_fixed_graph_refuses_a_grammar() -> None:
    with pytest.raises(ModelError, match="zh-grammar"):
        Recogniser("zh", grammar=["有"])


def test_a_model_that_wants_another_rate_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "wideband"
    shutil.copytree(load("zh")[0].path, path)
    conf = path / "conf/mfcc.conf"
    conf.write_text(conf.read_text().replace("=8000", "=16000"))
    recogniser = Recogniser(path)
    assert recogniser.model.sample_rate_hz == 16000
    assert hear(recogniser, say("我没有转账", voice="m5")) == "我没有转账"


def test_a_model_is_loaded_once_for_all_recognisers() -> None:
    assert load("zh")[1] is load("zh")[1]


def test_a_model_that_vosk_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "broken"
    shutil.copytree(load("zh")[0].path, path)
    (path / "am/final.mdl").write_bytes(b"rubbish")
    with pytest.raises(ModelError, match="Vosk cannot load"):
        load(path)


def test_unknown_words_and_spaces_between_hanzi_are_left_out() -> None:
    assert tidy("喂 [unk] 你好") == "喂你好"
    assert tidy("okay [unk] bye") == "okay bye"
    assert tidy("[unk]") == ""
