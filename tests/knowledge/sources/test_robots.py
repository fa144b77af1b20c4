"""robots.txt as RFC 9309 has it, and patterns that would make a careless matcher hang."""

import time

import pytest

from tandem.knowledge.sources import markup, robots


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /x", "/x/y", False),
        ("User-agent: *\nDisallow: /x", "/y", True),
        ("User-agent: *\nDisallow:", "/y", True),
        ("User-agent: *\nDisallow: /x\nAllow: /x/y", "/x/y/z", True),
        ("User-agent: *\nDisallow: /x\nAllow: /x", "/x", True),
        ("User-agent: *\nDisallow: /\nUser-agent: Tandem\nDisallow: /x", "/y", True),
        ("User-agent: tandem\nUser-agent: other\nDisallow: /x", "/x", False),
        ("User-agent: other\nDisallow: /x", "/x", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdfx", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2c3", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a1c2b3", True),
        ("User-agent: *\nDisallow: /$", "/", False),
        ("User-agent: *\nDisallow: /$", "/x", True),
        ("User-agent: *\nDisallow: *?q=", "/search?q=x", False),
        ("Disallow: /x", "/x", True),
        ("\ufeffUSER-AGENT : * # all\r\ndisallow : /x # no", "/x", False),
        ("nonsense\n:\n\x00\nUser-agent: *\nCrawl-delay: soon\nDisallow: /x", "/x", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, allowed: bool) -> None:
    assert robots.read(rules).allow(path) is allowed


def test_delay_and_sitemaps_are_taken() -> None:
    read = robots.read("Sitemap: https://a.example/s.xml\nUser-agent: *\nCrawl-delay: 900\n\nSitemap: /t.xml")
    assert (read.delay_s, read.sitemaps) == (robots.LONGEST_DELAY_S, ("https://a.example/s.xml", "/t.xml"))


@pytest.mark.parametrize(
    "hostile",
    ["<a " * 400_000, "<a " + "x" * 1_500_000, "<!--" * 400_000, "<script" * 200_000, '<a href="' * 150_000, "<a " + 'b="' * 400_000 + ">",
     "<a x=" * 250_000, "<a " + "x " * 700_000 + ">", "<a" + " " * 1_400_000 + ">", "</script " * 150_000],
)  # fmt: skip
def test_a_hostile_page_takes_no_longer_than_a_long_one(hostile: str) -> None:
    began = time.process_time()
    markup.read(hostile)
    assert time.process_time() - began < 2.0


def test_a_hostile_robots_txt_takes_no_longer() -> None:
    began = time.process_time()
    rules = robots.read("User-agent: *\n" + "Disallow: /" + "*a" * 1000 + "b$\n" + "Disallow: /*a*b\n" * 2000)
    assert rules.allow("/" + "a" * 4000)
    assert time.process_time() - began < 2.0
