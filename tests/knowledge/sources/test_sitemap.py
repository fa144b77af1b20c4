"""A sitemap and an index of sitemaps: only what changed is fetched, and nothing in the XML is followed that should not be."""

import gzip

from tandem.knowledge.sources import Kind
from tests.knowledge.sources.bench import Bench, Site, page
from tests.outgoing.loopback import serving


def sitemap(url: str, *entries: str) -> tuple[int, str, bytes]:
    inside = "".join(
        f"<url><loc>{url}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in map(str.split, entries)
    )
    return (
        200,
        "application/xml",
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</urlset>'.encode(),
    )


async def test_only_pages_with_another_day_of_change_are_fetched(bench: Bench) -> None:
    site = Site({f"/{name}": page(name.upper()) for name in "abc"})
    async with serving(site) as server:
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-01-01", "/b 2026-01-01", "/c 2026-01-01T10:00:00+00:00")
        source = await bench.run(await bench.add(Kind.SITEMAP, {"url": f"{server.url}/map.xml"}))
        assert (source.status, set(await bench.documents())) == ("ok", {"A", "B", "C"})
        site.asked.clear()
        site.pages["/b"] = page("B", "New prices")
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-01-01", "/b 2026-02-02", "/c 2026-01-01T10:00:00+00:00")
        source = await bench.run(source)
        assert site.asked == ["/robots.txt", "/map.xml", "/b"]
        assert (source.report["changed"], source.report["unchanged"]) == (1, 2)
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-01-01", "/b 2026-02-02")
        assert (await bench.run(source)).report["removed"] == 1
        assert set(await bench.documents()) == {"A", "B"}


async def test_an_index_leads_to_its_maps_compressed_or_not(bench: Bench) -> None:
    site = Site({"/a": page("A"), "/b": page("B")})
    async with serving(site) as server:
        site.pages["/one.xml"] = sitemap(server.url, "/a 2026-01-01")
        site.pages["/two.xml.gz"] = (200, "application/gzip", gzip.compress(sitemap(server.url, "/b 2026-01-01")[2]))
        index = f"<sitemapindex><sitemap><loc>{server.url}/one.xml</loc></sitemap>"
        index += f"<sitemap><loc><![CDATA[{server.url}/two.xml.gz]]></loc></sitemap>"
        index += f"<sitemap><loc>{server.url}/map.xml</loc></sitemap></sitemapindex>"
        site.pages["/map.xml"] = (200, "text/xml", index.encode())
        source = await bench.run(await bench.add(Kind.SITEMAP, {"url": f"{server.url}/map.xml"}))
        assert (source.status, set(await bench.documents())) == ("ok", {"A", "B"})


async def test_what_is_no_sitemap_says_so_and_removes_nothing(bench: Bench) -> None:
    no_sitemaps = [
        (b"<html>We moved</html>", "not a sitemap"),
        (b"", "not a sitemap"),
        (b"\x1f\x8bbroken", "damaged"),
        (gzip.compress(b"<urlset>" + b" " * 60_000_000), "more than 50 MB"),
        (b"<urlset>" + b"<url><loc>https://elsewhere.example/</loc></url>", "other hosts"),
    ]
    site = Site({"/a": page("A")})
    async with serving(site) as server:
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-01-01")
        source = await bench.run(await bench.add(Kind.SITEMAP, {"url": f"{server.url}/map.xml"}))
        for body, says in no_sitemaps:
            site.pages["/map.xml"] = (200, "text/xml", body)
            source = await bench.run(source)
            assert source.status == "failed"
            assert says in (source.error or "")
            assert set(await bench.documents()) == {"A"}


async def test_entities_and_strange_entries_are_only_text(bench: Bench) -> None:
    site = Site({"/a": page("A")})
    async with serving(site) as server:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
        odd = "<url><loc>&c;</loc></url><url></url><url><loc>javascript:x</loc></url><url><loc>http://127.1/</loc></url><url><loc>"
        text = f"{bomb}<urlset><url><image:loc>{server.url}/x.png</image:loc><loc> {server.url}/a?x=1&amp;y=2 </loc></url>{odd}</urlset>"
        site.pages["/map.xml"] = (200, "text/xml", text.encode())
        source = await bench.run(await bench.add(Kind.SITEMAP, {"url": f"{server.url}/map.xml"}))
        assert "/a?x=1&y=2" in site.asked
        assert set(await bench.documents()) == {"A"}
        assert source.report["removed"] == 0


async def test_a_page_that_is_named_but_gone_is_withdrawn_and_one_that_fails_stays(bench: Bench) -> None:
    site = Site({f"/{name}": page(name.upper()) for name in "abc"})
    async with serving(site) as server:
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-01-01", "/b 2026-01-01", "/c 2026-01-01")
        source = await bench.run(await bench.add(Kind.SITEMAP, {"url": f"{server.url}/map.xml"}))
        site.pages["/map.xml"] = sitemap(server.url, "/a 2026-02-02", "/b 2026-02-02", "/c 2026-01-01")
        site.pages["/a"], site.pages["/b"] = 500, 410
        source = await bench.run(source)
        assert (source.status, source.report["failed"], source.report["removed"]) == ("partly", 1, 1)
        assert set(await bench.documents()) == {"A", "C"}
