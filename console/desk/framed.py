"""Pages that bring a style of their own: sheets and bulletins. They may be shown within a page of the desk."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import Response
from fastapi.responses import HTMLResponse

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def framed(text: str) -> Response:
    """Answer with such a page: it may use its own styles, and nothing else."""
    digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in _STYLE.findall(text)]
    styles = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})
