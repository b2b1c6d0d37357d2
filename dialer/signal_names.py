"""What a dissuader is told of a critical signal, in few words that can be spoken."""

from __future__ import annotations

_ZH = {
    "in_contact_now": "正在与骗子通话",
    "about_to_send": "准备转账",
    "money_sent": "已经转账",
    "credentials_shared": "已经告知密码或验证码",
    "remote_access": "已经共享屏幕或安装软件",
    "coached": "被要求保密",
    "asks_for_human": "要求人工",
}
_EN = {
    "in_contact_now": "is talking to the caller now",
    "about_to_send": "is about to send money",
    "money_sent": "has sent money",
    "credentials_shared": "has given codes or passwords",
    "remote_access": "has shared the screen or installed an app",
    "coached": "was told to keep it secret",
    "asks_for_human": "asks for a person",
}


def spoken(signal: str, language: str) -> str:
    """The signal in the script's language; empty for a signal that has no such name."""
    return (_ZH if language.lower().startswith("zh") else _EN).get(signal, "")
