"""Finds embedded posts of social networks: text, attribution and links, in any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.boilerplate.blocks import main_script
from pipeline.boilerplate.page import is_prose
from pipeline.records import Label

if TYPE_CHECKING:
    from pipeline.boilerplate.page import Page

_ATTRIBUTION = re.compile(r"^[—–―-]{1,2}\s?.{0,100}\(@\w{1,30}\).{0,40}$|^.{1,60}\(@\w{1,30}\)\s.{0,12}\d{4}.{0,20}$")
_NAME_AND_HANDLE = re.compile(r"^(?:@\w{2,30}|.{1,50}\s\(?@\w{2,30}\)?(?:\s·.{0,20})?)$")
_MEDIA_LINK = re.compile(r"pic\.twitter\.com/\w+|(?:^|\s)https?://t\.co/\w+\s*$")

LONGEST_ATTRIBUTION = 200
LONGEST_POST = 1000
"""Characters of the line that names a post's author, and of a paragraph of a post."""

LONGEST_NAME = 8
"""Words of a name with its handle."""

FOREIGN = 0.5
"""A line with less than this share of letters of the article's script is in another script."""


def judge_posts(page: Page) -> None:
    """Label the line of a post's author, the text above it, and lines around with the same marks."""
    script = main_script(page.blocks) if "(@" in page.text else None
    for index, block in enumerate(page.blocks if "(@" in page.text else ()):
        if len(block.text) > LONGEST_ATTRIBUTION or "@" not in block.text or not _ATTRIBUTION.match(block.text):
            continue
        page.verdicts[index] = None
        page.decide(index, Label.EMBEDDED_POST, "post_attribution", 0.97)
        if index:
            page.verdicts[index - 1] = None
            page.decide(index - 1, Label.EMBEDDED_POST, "above_post_attribution", 0.95)
            _spread(page, script, index - 2, -1)
        _spread(page, script, index + 1, 1)
    linked = "pic.twitter.com/" in page.text or "://t.co/" in page.text
    for index, block in page.open_blocks() if linked or "@" in page.text else ():
        if len(block.text) > LONGEST_POST:
            continue
        if linked and _MEDIA_LINK.search(block.text):
            page.decide(index, Label.EMBEDDED_POST, "post_media_link", 0.9)
        elif block.length <= LONGEST_NAME and "@" in block.text and _NAME_AND_HANDLE.match(block.text):
            page.decide(index, Label.EMBEDDED_POST, "name_and_handle", 0.85)


def _spread(page: Page, script: str | None, index: int, step: int) -> None:
    """Take in what stands beside a post and has its marks too, such as its second paragraph."""
    while 0 <= index < len(page.blocks) and page.is_open(index):
        block = page.blocks[index]
        foreign = block.script_share(script) < FOREIGN
        if not block.marks or (is_prose(block) and not foreign and not _MEDIA_LINK.search(block.text)):
            return
        sure = 0.95 if foreign or _MEDIA_LINK.search(block.text) else 0.8
        page.decide(index, Label.EMBEDDED_POST, "beside_post", sure)
        index += step
